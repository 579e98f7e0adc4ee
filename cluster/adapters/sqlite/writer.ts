import { setTimeout as sleep } from 'node:timers/promises'
import { UnavailableError } from '../../ports/errors.ts'
import { storeError } from './failures.ts'
import type { Failure } from './failures.ts'
import { startThread } from './thread.ts'
import type { BatchReply, Thread } from './thread.ts'
import type { StepRequest, StepsOf, WriterData } from './writer-protocol.ts'

/**
 * Sends writes to the writer thread. Those that come while a batch runs go together in the next: one commit for all of them.
 *
 *   running ──thread ends──▶ restarting ──opened──▶ running
 *                                └─limit reached──▶ failed (for good)
 */
export interface Writer<Steps extends StepsOf<Steps>> {
  /**
   * Rejects with UnavailableError where the thread ended with the write in hand: it may or may not be stored. What was not yet in
   * hand waits for the next thread.
   */
  call<Name extends keyof Steps & string>(step: Name, input: Steps[Name]['input']): Promise<Steps[Name]['output']>
  state(): WriterState
  /** Finishes what was accepted, then ends the thread. */
  close(): Promise<void>
}

export type WriterState =
  | { readonly kind: 'running' }
  /** `since`: milliseconds since the epoch. */
  | { readonly kind: 'restarting' | 'failed'; readonly reason: string; readonly since: number }

export interface RestartBounds {
  /** Starts in a row without a thread that lived for `healthyMs`; after that the writer has failed. */
  readonly limit: number
  /** Before the first start; twice as long before each further one. */
  readonly firstDelayMs: number
  readonly healthyMs: number
}

const defaultRestarts: RestartBounds = { limit: 5, firstDelayMs: 250, healthyMs: 60_000 }

/** Small enough that a burst fills two batches: the next is put together while the thread has one. */
const BATCH_REQUESTS = 128
/** One runs while the next is already at the thread, which then never waits for this one. */
const BATCHES_SENT = 2

interface Pending {
  readonly request: StepRequest
  resolve(output: unknown): void
  reject(error: Error): void
}

export interface WriterOptions {
  /** More at a time are refused. */
  readonly pendingWrites: number
  readonly restarts?: RestartBounds
  /** Another thread writes now: what its predecessor had in hand may be stored, or not. */
  readonly onRestarted?: () => void
  /** Told of every reply: what was asked for and what came of it. */
  readonly onReply?: (requests: readonly StepRequest[], failures: ReadonlyMap<number, Failure>) => void
}

/** Starts the thread at `module` and resolves when it has the database open. A thread that ends later is started again. */
export async function startWriter<Steps extends StepsOf<Steps>>(
  module: URL,
  data: WriterData,
  options: WriterOptions,
): Promise<Writer<Steps>> {
  const { pendingWrites, restarts = defaultRestarts, onRestarted, onReply } = options
  const waiting: Pending[] = []
  const sent: (readonly Pending[])[] = []
  const done = Promise.withResolvers<undefined>()
  const stopping = new AbortController()
  let state: WriterState = { kind: 'running' }
  let isScheduled = false
  let ended: Error | undefined
  let startedAt = Date.now()
  let starts = 0
  let thread: Thread | undefined = await startThread(module, data, { onBatch, onEnd })

  const isStopping = () => stopping.signal.aborted

  function flush(): void {
    isScheduled = false
    while (thread && sent.length < BATCHES_SENT && waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_REQUESTS)
      sent.push(batch)
      thread.send({ kind: 'batch', requests: batch.map(({ request }) => request) })
    }
    if (stopping.signal.aborted && sent.length === 0) thread?.send({ kind: 'close' })
  }

  function onBatch(message: BatchReply): void {
    const answered = sent.shift() ?? []
    flush()
    onReply?.(
      answered.map(({ request }) => request),
      message.failures,
    )
    answered.forEach((pending, index) => {
      const failure = message.failures.get(index)
      if (failure) pending.reject(writeError(failure, data.file))
      else pending.resolve(message.outputs[index])
    })
  }

  function onEnd(cause: Error | undefined): void {
    thread = undefined
    if (stopping.signal.aborted) return finish(closedError())
    const reason = cause ? `broke (${cause.message})` : 'ended'
    const lost = new UnavailableError(
      `The thread that writes ${data.file} ${reason} with this write in hand: it may or may not be stored. Another thread is being started; try again.`,
      { cause },
    )
    for (const pending of sent.splice(0).flat()) pending.reject(lost)
    void restart(reason)
  }

  async function restart(why: string): Promise<void> {
    let reason = why
    const since = Date.now()
    if (Date.now() - startedAt >= restarts.healthyMs) starts = 0
    while (!isStopping() && starts < restarts.limit) {
      state = {
        kind: 'restarting',
        reason: `The thread that writes ${data.file} ${reason}; another one is being started.`,
        since,
      }
      await sleep(restarts.firstDelayMs * 2 ** starts, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (isStopping()) break
      starts += 1
      startedAt = Date.now()
      try {
        thread = await startThread(module, { ...data, isRestart: true }, { onBatch, onEnd })
      } catch (fault) {
        reason = `could not be started again (${fault instanceof Error ? fault.message : String(fault)})`
        continue
      }
      state = { kind: 'running' }
      onRestarted?.()
      flush()
      return
    }
    if (isStopping()) {
      finish(closedError())
      return
    }
    const failed = `The thread that writes ${data.file} ${reason}, after ${restarts.limit} starts in a row. Nothing more is stored. Look at the log of the host for the cause, then restart Signalbox.`
    state = { kind: 'failed', reason: failed, since }
    finish(new UnavailableError(failed))
  }

  function finish(error: Error): void {
    ended = error
    for (const pending of [...sent.splice(0).flat(), ...waiting.splice(0)]) pending.reject(error)
    done.resolve(undefined)
  }

  const closedError = () => new UnavailableError(`${data.file} is closed.`)

  return {
    state: () => state,
    call: (step, input) =>
      new Promise((resolve, reject) => {
        const refusal = ended ?? (stopping.signal.aborted ? closedError() : undefined)
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
      if (!stopping.signal.aborted) {
        stopping.abort()
        flush()
      }
      return done.promise
    },
  }
}

function writeError(failure: Failure, file: string): Error {
  return storeError(failure, file) ?? new Error(`Writing ${file} failed: ${failure.message}`)
}
