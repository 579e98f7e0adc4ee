import { Worker } from 'node:worker_threads'
import { UnavailableError } from '../../ports/errors.ts'
import { storeError } from './failures.ts'
import type { Failure } from './failures.ts'
import type { FromWriter, StepRequest, StepsOf, ToWriter, WriterData } from './writer-protocol.ts'

/** Sends steps to a writer thread. Those that come while a batch runs go together in the next: one commit for all of them. */
export interface Writer<Steps extends StepsOf<Steps>> {
  call<Name extends keyof Steps & string>(step: Name, input: Steps[Name]['input']): Promise<Steps[Name]['output']>
  /** Finishes what was accepted, then ends the thread. */
  close(): Promise<void>
}

/** So that a burst does not hold up the next write for long. */
const BATCH_REQUESTS = 500
/** One runs while the next is already at the thread, which then never waits for this one. */
const BATCHES_SENT = 2

interface Pending {
  readonly request: StepRequest
  resolve(output: unknown): void
  reject(error: Error): void
}

/** Starts the thread at `module` and resolves when it has the database open. `pendingWrites`: more at a time are refused. */
export async function startWriter<Steps extends StepsOf<Steps>>(
  module: URL,
  data: WriterData,
  pendingWrites: number,
): Promise<Writer<Steps>> {
  const thread = new Worker(module, { workerData: data })
  const send = (message: ToWriter) => thread.postMessage(message)
  await opened(thread, data.file)

  const waiting: Pending[] = []
  const sent: (readonly Pending[])[] = []
  let isScheduled = false
  let closing: Promise<void> | undefined
  let ended: Error | undefined

  function flush(): void {
    isScheduled = false
    while (sent.length < BATCHES_SENT && waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_REQUESTS)
      sent.push(batch)
      send({ kind: 'batch', requests: batch.map(({ request }) => request) })
    }
    if (closing && sent.length === 0) send({ kind: 'close' })
  }

  function fail(error: Error): void {
    ended ??= error
    for (const pending of [...sent.splice(0).flat(), ...waiting.splice(0)]) pending.reject(error)
  }

  thread.on('message', (message: FromWriter) => {
    if (message.kind !== 'batch') return
    const answered = sent.shift() ?? []
    flush()
    answered.forEach((pending, index) => {
      const failure = message.failures.get(index)
      if (failure) pending.reject(writeError(failure, data.file))
      else pending.resolve(message.outputs[index])
    })
  })
  thread.on('error', (cause: Error) =>
    fail(new UnavailableError(`The thread that writes ${data.file} broke (${cause.message}). Restart Signalbox.`, { cause })),
  )
  const exited = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      fail(
        new UnavailableError(`${data.file} is closed${closing ? '' : ': the thread that writes it ended. Restart Signalbox'}.`),
      )
      resolve()
    })
  })

  return {
    call: (step, input) =>
      new Promise((resolve, reject) => {
        const refusal = ended ?? (closing && new UnavailableError(`${data.file} is closed.`))
        if (refusal) return reject(refusal)
        if (waiting.length >= pendingWrites)
          return reject(
            new UnavailableError(
              `${waiting.length} writes already wait for ${data.file}: the disk is too slow. Try again later.`,
            ),
          )
        waiting.push({ request: { step, input }, resolve, reject })
        if (isScheduled || sent.length >= BATCHES_SENT) return
        isScheduled = true
        queueMicrotask(flush)
      }),
    close: () => {
      if (!closing) {
        closing = exited
        flush()
      }
      return closing
    },
  }
}

async function opened(thread: Worker, file: string): Promise<void> {
  const first = await new Promise<FromWriter>((resolve, reject) => {
    const refuse = (reason: string, cause?: Error) =>
      reject(new UnavailableError(`The thread that writes ${file} did not start: ${reason}`, { cause }))
    thread.once('message', resolve)
    thread.once('error', (cause: Error) => refuse(cause.message, cause))
    thread.once('exit', (code) => refuse(`it ended with code ${code}`))
  })
  thread.removeAllListeners('error').removeAllListeners('exit')
  if (first.kind === 'refused') throw storeError(first.failure, file) ?? new UnavailableError(first.failure.message)
}

function writeError(failure: Failure, file: string): Error {
  return storeError(failure, file) ?? new Error(`Writing ${file} failed: ${failure.message}`)
}
