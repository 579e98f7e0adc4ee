import { CHUNK_BYTES, type StoredFile } from '../../../../src-preload/contract/batch.ts'
import type { HostClient } from '../../../lib/console.tsx'

/** Chunks on their way at once, so that neither side waits for the other's answer to each. */
const AHEAD = 4
/** Progress is told at most this often. */
const TELL_MS = 100

/** Sends a file to the host in chunks, in order, and resolves when it is stored; `onProgress` gets the bytes that arrived. An abort leaves nothing there. */
export async function uploadFile(
  host: HostClient,
  file: { readonly name: string; readonly content: Blob },
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<StoredFile> {
  const { content, name } = file
  const { upload_id } = await host.batch.beginUpload({ filename: name, bytes: content.size }, signal)
  let told = 0
  const arrived = (sent: number) => {
    const now = performance.now()
    if (now - told < TELL_MS && sent < content.size) return
    told = now
    onProgress(sent)
  }
  const onTheirWay: Promise<void>[] = []
  try {
    for (let offset = 0; offset < content.size; offset += CHUNK_BYTES) {
      const base64 = await base64Of(content.slice(offset, offset + CHUNK_BYTES))
      if (onTheirWay.length >= AHEAD) await onTheirWay.shift()
      const sending = host.batch.appendUpload({ upload_id, offset, base64 }, signal).then(({ received }) => arrived(received))
      // Awaited in order; a failure of a later one must not go unheard meanwhile.
      sending.catch(() => undefined)
      onTheirWay.push(sending)
    }
    for (const sending of onTheirWay) await sending
    return (await host.batch.finishUpload({ upload_id }, signal)).file
  } catch (fault) {
    await host.batch.abandonUpload({ upload_id }).catch(() => undefined)
    throw fault
  }
}

/** By the browser's own reader: in script it is most of what an upload costs. */
async function base64Of(chunk: Blob): Promise<string> {
  return await new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : ''
      resolve(url.slice(url.indexOf(',') + 1))
    }
    reader.onerror = () => reject(new Error('The file cannot be read any more; choose it again.', { cause: reader.error }))
    reader.readAsDataURL(chunk)
  })
}
