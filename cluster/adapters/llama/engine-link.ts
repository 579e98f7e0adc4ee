import type { EngineFailure, EngineProcess, ForkEngine } from '../../ports/engine-process.ts'
import { ModelCallError } from '../../ports/engines.ts'
import { engineReport, type EngineReport, type EngineRequest } from './protocol.ts'

type Unanswered = EngineRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never

/** One running engine process: requests in, each answered once, until the process ends. */
export interface EngineLink {
  /** Rejects with ModelCallError: the engine's own refusal, or `engine_crashed` when the process ends first. */
  ask(request: Unanswered, onDelta?: (text: string) => void): { readonly id: number; readonly answer: Promise<EngineReport> }
  cancel(id: number): void
  /** Ends the process; what is unanswered fails with `engine_crashed` and this reason. */
  kill(reason: string): void
}

interface Pending {
  resolve(report: EngineReport): void
  reject(error: Error): void
  onDelta(text: string): void
}

export interface EngineOptions {
  readonly fork: ForkEngine
  /** How long an engine with work may show no progress before it is killed. */
  readonly hungAfterMs: number
  /** Hears of each end that nobody asked for. */
  readonly onFailure?: ((cause: EngineFailure) => void) | undefined
}

/**
 * Starts the process. `onEnd` hears once that it is gone, and why. An engine that has work and reports nothing for
 * `hungAfterMs` is killed.
 */
export function startEngine({ fork, hungAfterMs, onFailure }: EngineOptions, onEnd: (reason: string) => void): EngineLink {
  const pending = new Map<number, Pending>()
  const unsent: EngineRequest[] = []
  let lastId = 0
  let up = false
  let lastReport = performance.now()
  let killedFor: string | undefined
  let isHung = false
  const process: EngineProcess = fork()

  const watchdog = setInterval(
    () => {
      if (pending.size === 0 || performance.now() - lastReport <= hungAfterMs) return
      isHung ||= killedFor === undefined
      kill(`no sign of work for ${hungAfterMs / 1000} s`)
    },
    Math.max(10, hungAfterMs / 4),
  )

  function kill(reason: string): void {
    killedFor ??= reason
    process.kill()
  }

  function send(request: EngineRequest): void {
    if (up) process.send(request)
    else unsent.push(request)
  }

  function settle(id: number): Pending | undefined {
    const waiting = pending.get(id)
    pending.delete(id)
    return waiting
  }

  process.onMessage((message) => {
    const report = engineReport.parse(message)
    lastReport = performance.now()
    switch (report.type) {
      case 'up':
        up = true
        for (const request of unsent.splice(0)) process.send(request)
        return
      case 'progress':
        return
      case 'delta':
        pending.get(report.id)?.onDelta(report.text)
        return
      case 'failed':
        settle(report.id)?.reject(new ModelCallError(report.failure, report.message, { retryable: report.retryable }))
        return
      case 'loaded':
      case 'embedder-loaded':
      case 'embedded':
      case 'completed':
      case 'counted':
      case 'unloaded':
        settle(report.id)?.resolve(report)
    }
  })

  process.onExit((exit) => {
    clearInterval(watchdog)
    const reason = killedFor ?? exit
    if (isHung) onFailure?.('hung')
    else if (killedFor === undefined) onFailure?.('crashed')
    const error = new ModelCallError('engine_crashed', `The embedded engine ended in the middle of its work (${reason}).`, {
      retryable: true,
    })
    for (const waiting of pending.values()) waiting.reject(error)
    pending.clear()
    onEnd(reason)
  })

  return {
    ask(request, onDelta = () => undefined) {
      const id = ++lastId
      if (pending.size === 0) lastReport = performance.now()
      const answer = new Promise<EngineReport>((resolve, reject) => pending.set(id, { resolve, reject, onDelta }))
      send({ ...request, id })
      return { id, answer }
    },
    cancel: (id) => send({ type: 'cancel', id }),
    kill,
  }
}
