import { createWriteStream } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { rootCause } from '../engines/root-cause.ts'

/** An unreachable host must not keep the next source waiting. */
const CONNECT_TIMEOUT_MS = 3000
const HEADERS_TIMEOUT_MS = 15_000
const STALLED_AFTER_MS = 30_000

export interface Download {
  readonly url: string
  /** Grows as bytes arrive and is gone on with by the next try; `.json` beside it says what it is a part of. */
  readonly partFile: string
  readonly sizeBytes: number
  readonly signal: AbortSignal
  /** `bytes` of the file are there by now. */
  readonly onProgress: (bytes: number) => void
}

const partNote = z.object({ url: z.string(), validator: z.string() })

/** Fetches a file of known size. Throws with a reason in plain words; what has arrived stays for the next try. */
export async function downloadFile(download: Download): Promise<void> {
  const { url, partFile, sizeBytes, signal, onProgress } = download
  await reach(new URL(url), signal)
  const have = await resumable(partFile, url)
  if (have?.bytes === sizeBytes) return
  const response = await request(url, have, signal)
  if (response.status === 416) {
    await discardPart(partFile)
    return downloadFile(download)
  }
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd())
  const resumed = response.status === 206 && have !== undefined
  const begin = resumed ? have.bytes : 0
  const length = Number(response.headers.get('content-length') ?? Number.NaN)
  if (Number.isFinite(length) && begin + length !== sizeBytes) {
    await response.body.cancel()
    throw new Error(`the server has a file of ${begin + length} bytes where ${sizeBytes} are expected`)
  }
  const validator = response.headers.get('etag')
  // A weak tag does not promise the same bytes, so it is no ground to go on from.
  if (validator && !validator.startsWith('W/')) await writeFile(noteFile(partFile), JSON.stringify({ url, validator }))
  else await rm(noteFile(partFile), { force: true })

  let bytes = begin
  const stalled = new AbortController()
  const watchdog = setTimeout(() => stalled.abort(), STALLED_AFTER_MS)
  const source = Readable.fromWeb(response.body)
  source.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length
    watchdog.refresh()
    onProgress(bytes)
  })
  try {
    await pipeline(source, createWriteStream(partFile, { flags: resumed ? 'a' : 'w' }), {
      signal: AbortSignal.any([signal, stalled.signal]),
    })
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error(
      stalled.signal.aborted ? `no data for ${STALLED_AFTER_MS / 1000} s` : `it broke after ${bytes} bytes (${rootCause(cause)})`,
      { cause },
    )
  } finally {
    clearTimeout(watchdog)
  }
  if (bytes !== sizeBytes) throw new Error(`the connection ended after ${bytes} of ${sizeBytes} bytes`)
}

export async function discardPart(partFile: string): Promise<void> {
  await rm(partFile, { force: true })
  await rm(noteFile(partFile), { force: true })
}

function noteFile(partFile: string): string {
  return `${partFile}.json`
}

async function resumable(partFile: string, url: string): Promise<{ bytes: number; validator: string } | undefined> {
  try {
    const note = partNote.parse(JSON.parse(await readFile(noteFile(partFile), 'utf8')))
    const { size } = await stat(partFile)
    return note.url === url && size > 0 ? { bytes: size, validator: note.validator } : undefined
  } catch {
    return undefined // nothing to go on from: the file is fetched from its beginning
  }
}

async function request(
  url: string,
  have: { bytes: number; validator: string } | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const tooLate = new AbortController()
  const timer = setTimeout(() => tooLate.abort(), HEADERS_TIMEOUT_MS)
  try {
    return await fetch(url, {
      signal: AbortSignal.any([signal, tooLate.signal]),
      headers: {
        // A compressed answer would have another length.
        'accept-encoding': 'identity',
        ...(have && { range: `bytes=${have.bytes}-`, 'if-range': have.validator }),
      },
    })
  } catch (cause) {
    signal.throwIfAborted()
    throw new Error(
      tooLate.signal.aborted ? `no answer within ${HEADERS_TIMEOUT_MS / 1000} s` : `the request failed (${rootCause(cause)})`,
      {
        cause,
      },
    )
  } finally {
    clearTimeout(timer)
  }
}

/** Rejects within the connect timeout if nobody listens there; fetch alone would wait longer. */
function reach(url: URL, signal: AbortSignal): Promise<void> {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port })
    const finish = (error?: Error) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      socket.destroy()
      if (error) reject(error)
      else resolve()
    }
    const cancel = () => finish(signal.reason instanceof Error ? signal.reason : new Error('cancelled'))
    const timer = setTimeout(
      () => finish(new Error(`${url.host} cannot be reached within ${CONNECT_TIMEOUT_MS / 1000} s`)),
      CONNECT_TIMEOUT_MS,
    )
    signal.addEventListener('abort', cancel, { once: true })
    socket.on('connect', () => finish())
    socket.on('error', (error) => finish(new Error(`${url.host} cannot be reached (${rootCause(error)})`, { cause: error })))
  })
}
