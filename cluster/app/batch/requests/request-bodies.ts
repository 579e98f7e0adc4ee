import type { BlobReference } from '../../../messages/blob.ts'
import type { NewRequest } from '../../../ports/batch-requests.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import { CorruptionError } from '../../../ports/errors.ts'

/** Bodies of requests, read from the input file in large pieces. */
export interface RequestBodies {
  /** As many of `requests` (at least one) as fit into one read, with their bodies. */
  readAhead(requests: readonly NewRequest[]): Promise<readonly { readonly request: NewRequest; readonly body: string }[]>
  body(request: NewRequest): Promise<string>
  /** The line as the file has it. */
  line(request: NewRequest): Promise<string>
  /** The lines of requests in the order of the file, as bytes without their line breaks. */
  lines(requests: readonly NewRequest[]): AsyncIterable<{ readonly request: NewRequest; readonly bytes: Uint8Array }>
}

const READ_BYTES = 2 * 1024 * 1024

export function createRequestBodies(blobs: Blobs, input: BlobReference): RequestBodies {
  const decoder = new TextDecoder()

  async function span(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await blobs.read(input.sha256, offset, length)
    if (bytes?.length === length) return bytes
    throw new CorruptionError(
      `The input file (${input.sha256}) is no longer whole in the blob store. Put it back from a copy and resume the batch.`,
    )
  }

  async function one(offset: number, length: number): Promise<string> {
    return decoder.decode(await span(offset, length))
  }

  return {
    async readAhead(requests) {
      const taken = upTo(requests, (request) => request.bodyOffset + request.bodyLength)
      const [first] = taken
      if (!first) return []
      const end = endOf(taken, (request) => request.bodyOffset + request.bodyLength)
      const bytes = await span(first.bodyOffset, end - first.bodyOffset)
      return taken.map((request) => {
        const from = request.bodyOffset - first.bodyOffset
        return { request, body: decoder.decode(bytes.subarray(from, from + request.bodyLength)) }
      })
    },
    body: ({ bodyOffset, bodyLength }) => one(bodyOffset, bodyLength),
    line: ({ offset, length }) => one(offset, length),
    async *lines(requests) {
      for (let at = 0; at < requests.length;) {
        const taken = upTo(requests.slice(at), (request) => request.offset + request.length)
        const [first] = taken
        if (!first) return
        const end = endOf(taken, (request) => request.offset + request.length)
        const bytes = await span(first.offset, end - first.offset)
        for (const request of taken) {
          const from = request.offset - first.offset
          yield { request, bytes: bytes.subarray(from, from + request.length) }
        }
        at += taken.length
      }
    },
  }
}

/** The first of `requests` and those after it that one read reaches. */
function upTo(requests: readonly NewRequest[], end: (request: NewRequest) => number): readonly NewRequest[] {
  const start = requests[0]?.offset ?? 0
  const beyond = requests.findIndex((request, index) => index > 0 && end(request) - start > READ_BYTES)
  return beyond < 0 ? requests : requests.slice(0, beyond)
}

function endOf(requests: readonly NewRequest[], end: (request: NewRequest) => number): number {
  const last = requests.at(-1)
  return last ? end(last) : 0
}
