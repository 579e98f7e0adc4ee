import { createServer, type ServerResponse } from 'node:http'

/** Long enough for a reader on a busy machine. */
const READER_TAKES_MS = 1000

export interface FileServer {
  readonly url: string
  /** The `range` header of every request so far; undefined where the whole file was asked for. */
  readonly ranges: readonly (string | undefined)[]
  /** Breaks the connection of the next request after so many bytes. */
  breakAfter(bytes: number): void
  /** Sends everything but slowly, in this many pieces. */
  trickle(pieces: number): void
  close(): Promise<void>
}

/** Serves one file at any path, with ranges and a strong tag, as model hubs do: for tests of downloads. */
export async function serveFile(content: Buffer): Promise<FileServer> {
  const ranges: (string | undefined)[] = []
  let breakAt: number | undefined
  let pieces = 1

  const server = createServer((request, response) => {
    const { range } = request.headers
    ranges.push(range)
    const asked = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    const begin = request.headers['if-range'] === '"v1"' ? asked : 0
    const rest = content.subarray(begin)
    response.writeHead(begin > 0 ? 206 : 200, {
      etag: '"v1"',
      'content-length': rest.length,
      ...(begin > 0 && { 'content-range': `bytes ${begin}-${content.length - 1}/${content.length}` }),
    })
    const cut = breakAt
    breakAt = undefined
    // Not at once: what a reader has not taken when the connection breaks is lost to it.
    if (cut !== undefined) response.write(rest.subarray(0, cut), () => setTimeout(() => response.destroy(), READER_TAKES_MS))
    else void send(response, rest, pieces)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}/model.gguf`,
    ranges,
    breakAfter: (bytes) => (breakAt = bytes),
    trickle: (count) => (pieces = count),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function send(response: ServerResponse, content: Buffer, pieces: number): Promise<void> {
  const size = Math.ceil(content.length / pieces)
  for (let at = 0; at < content.length && !response.destroyed; at += size) {
    response.write(content.subarray(at, at + size))
    if (pieces > 1) await new Promise((resolve) => setTimeout(resolve, 30))
  }
  response.end()
}
