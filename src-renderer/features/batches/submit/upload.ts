import { CHUNK_BYTES, type StoredFile } from '../../../../src-preload/contract/batch.ts'
import type { HostClient } from '../../../lib/console.tsx'

/** Sends a file to the host in chunks and resolves when it is stored. An abort leaves nothing there. */
export async function uploadFile(
  host: HostClient,
  file: { readonly name: string; readonly content: Blob },
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<StoredFile> {
  const { content, name } = file
  const { upload_id } = await host.batch.beginUpload({ filename: name, bytes: content.size }, signal)
  try {
    for (let offset = 0; offset < content.size; offset += CHUNK_BYTES) {
      const chunk = new Uint8Array(await content.slice(offset, offset + CHUNK_BYTES).arrayBuffer())
      await host.batch.appendUpload({ upload_id, offset, base64: base64Of(chunk) }, signal)
      onProgress(Math.min(1, (offset + chunk.length) / content.size))
    }
    return (await host.batch.finishUpload({ upload_id }, signal)).file
  } catch (fault) {
    await host.batch.abandonUpload({ upload_id }).catch(() => undefined)
    throw fault
  }
}

/** Characters that `String.fromCharCode` takes at once without running out of stack. */
const RUN = 0x8000

function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += RUN) text += String.fromCharCode(...bytes.subarray(at, at + RUN))
  return btoa(text)
}
