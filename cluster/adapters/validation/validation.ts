import { Worker } from 'node:worker_threads'
import type { NewRequest } from '../../ports/batch-requests.ts'
import { UnavailableError } from '../../ports/errors.ts'
import type { FileFindings, FileValidation, SizedRequest } from '../../ports/file-validation.ts'
import { FIELDS, NONE } from './columns.ts'
import type { FromThread, ThreadData, ToThread } from './protocol.ts'

/** Small enough for the young generation, where a text that was read costs next to nothing to forget. */
const PIECE_BYTES = 120 * 1024
/** One is read in the thread while the next is already there. */
const PIECES_SENT = 2
/** The file passes through: what a line leaves behind is a few numbers. */
const THREAD_MEMORY = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 3 }

/** File validation in a thread of its own for each file, one at a time. `threadModule` is where this build keeps thread-main.ts. */
export function createFileValidation(threadModule: URL): FileValidation {
  let last: Promise<unknown> = Promise.resolve()
  const stopping = new AbortController()
  return {
    validate(content, endpoint, onRequests, signal) {
      const until = AbortSignal.any([stopping.signal, ...(signal ? [signal] : [])])
      const done = last.then(() =>
        validateFile(threadModule, content, { endpoint, tellsRequests: !!onRequests }, onRequests, until),
      )
      last = done.catch(() => undefined)
      return done
    },
    stop: async () => {
      stopping.abort(new UnavailableError('The validation of files was stopped.'))
      await last
    },
  }
}

async function validateFile(
  module: URL,
  content: AsyncIterable<Uint8Array>,
  data: ThreadData,
  onRequests: ((requests: readonly NewRequest[]) => Promise<void>) | undefined,
  signal: AbortSignal,
): Promise<FileFindings> {
  signal.throwIfAborted()
  const thread = new Worker(module, { workerData: data, resourceLimits: THREAD_MEMORY })
  const replies = repliesOf(thread, signal)
  let unanswered = 0

  async function takeReply(): Promise<void> {
    const reply = await replies.next()
    unanswered -= 1
    if (reply.kind !== 'taken' || reply.customIds.length === 0) return
    await onRequests?.(reply.customIds.map((customId, index) => requestAt(reply.numbers, index, customId)))
  }

  try {
    for await (const bytes of inPieces(content)) {
      while (unanswered >= PIECES_SENT) await takeReply()
      thread.postMessage({ kind: 'piece', bytes } satisfies ToThread, [bytes.buffer])
      unanswered += 1
    }
    thread.postMessage({ kind: 'end' } satisfies ToThread)
    unanswered += 1
    while (unanswered > 0) await takeReply()
    const found = await replies.next()
    if (found.kind !== 'found') throw new Error('The validation thread did not say what it found.')
    return { report: found.report, suspects: (contextTokens) => suspects(found.numbers, contextTokens) }
  } finally {
    await thread.terminate()
  }
}

/** What the thread says, in order; rejects when it breaks, ends too early or `signal` aborts. */
function repliesOf(thread: Worker, signal: AbortSignal): { next(): Promise<FromThread> } {
  const arrived: FromThread[] = []
  let failure: Error | undefined
  let wake: () => void = () => undefined
  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error))
    wake()
  }
  thread.on('message', (message: FromThread) => {
    arrived.push(message)
    wake()
  })
  thread.on('error', (cause) =>
    fail(new UnavailableError(`The thread that validates files broke (${rootMessage(cause)}). Try again.`, { cause })),
  )
  thread.on('exit', () => fail(new UnavailableError('The thread that validates files ended too early. Try again.')))
  const onAbort = () => fail(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  thread.once('exit', () => signal.removeEventListener('abort', onAbort))
  return {
    next: async () => {
      for (;;) {
        const message = arrived.shift()
        if (message) return message
        if (failure) throw failure
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}

function rootMessage(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/** Pieces of at most PIECE_BYTES that can be handed over: a small one that has its memory for itself as it is, others copied. */
async function* inPieces(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array<ArrayBuffer>> {
  for await (const whole of content)
    if (whole.length <= PIECE_BYTES && isAlone(whole)) yield whole
    else
      for (let start = 0; start < whole.length; start += PIECE_BYTES)
        yield new Uint8Array(whole.subarray(start, start + PIECE_BYTES))
}

function isAlone(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.length
}

function requestAt(numbers: Float64Array, index: number, customId: string): NewRequest {
  const [n = 0, offset = 0, length = 0, bodyOffset = 0, bodyLength = 0, tokensIn = 0, maxTokens = NONE] = numbers.subarray(
    index * FIELDS,
    (index + 1) * FIELDS,
  )
  return { n, customId, offset, length, bodyOffset, bodyLength, tokensIn, maxTokens: maxTokens === NONE ? null : maxTokens }
}

function* suspects(numbers: Float64Array, contextTokens: number): Iterable<SizedRequest> {
  for (let at = 0; at < numbers.length; at += FIELDS) {
    const [n = 0, , , bodyOffset = 0, bodyLength = 0, , limit = NONE, mostTokensIn = 0] = numbers.subarray(at, at + FIELDS)
    const maxTokens = limit === NONE ? null : limit
    if (mostTokensIn + (maxTokens ?? 1) > contextTokens) yield { n, bodyOffset, bodyLength, mostTokensIn, maxTokens }
  }
}
