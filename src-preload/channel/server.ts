import { readInput } from '../../cluster/messages/read-input.ts'
import type { Call, Contract, Handlers, Stream } from '../contract/define.ts'
import { ConsoleError } from '../contract/errors.ts'
import { type Reply, type Request, request, wireVersion } from '../contract/wire.ts'
import type { Channel } from './channel.ts'

/** What the host's log should hear of; the peer hears less. */
export type Report =
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'wrong-version'; readonly version: number }
  | { readonly kind: 'unknown-method'; readonly method: string }
  | { readonly kind: 'overloaded'; readonly method: string }
  | { readonly kind: 'failed'; readonly method: string; readonly error: unknown }

export interface ServeOptions {
  readonly report: (report: Report) => void
  /** Calls and streams one peer may have running; one more is answered `overloaded`. */
  readonly maxInFlight?: number
}

/** A handler without its types. Which of the two it returns is decided by the contract. */
type AnyHandler = (input: unknown, signal: AbortSignal) => Promise<unknown> & AsyncIterable<unknown>

/** Answers one peer: validates what comes in, runs the handler, validates what goes out. Stopping hangs up. */
export function serve<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  channel: Channel,
  options: ServeOptions,
): { stop(): void } {
  const { report, maxInFlight = 256 } = options
  const running = new Map<number, AbortController>()
  let greeted = false

  const send = (message: Reply) => channel.send(message)
  const hangUp = (detail: string) => {
    report({ kind: 'malformed', detail })
    channel.close('A message broke the protocol.')
  }

  channel.onClose(() => running.forEach((controller) => controller.abort()))
  channel.onMessage((message) => {
    const parsed = readInput(request, message, 'The message')
    if (!parsed.success) return hangUp(parsed.error.message)
    if (greeted === (parsed.data.type === 'hello')) return hangUp(`"${parsed.data.type}" came out of turn.`)
    take(parsed.data)
  })
  return { stop: () => channel.close() }

  function take(asked: Request): void {
    switch (asked.type) {
      case 'hello':
        return greet(asked.version)
      case 'ping':
        return send({ type: 'pong' })
      case 'cancel':
        return running.get(asked.id)?.abort()
      case 'start':
        if (running.has(asked.id)) return hangUp(`Request ${asked.id} is already running.`)
        return void answer(asked.id, asked.method, asked.input)
    }
  }

  function greet(version: number): void {
    if (version === wireVersion) {
      greeted = true
      return send({ type: 'hello', version: wireVersion })
    }
    report({ kind: 'wrong-version', version })
    const reason = `This page speaks version ${version} of the console's protocol, the host version ${wireVersion}: reload the page.`
    send({ type: 'refused', version: wireVersion, reason })
  }

  async function answer(id: number, method: string, input: unknown): Promise<void> {
    if (running.size >= maxInFlight) {
      report({ kind: 'overloaded', method })
      const message = `More than ${maxInFlight} requests are running for this page.`
      send({ type: 'error', id, code: 'overloaded', message, details: { retry_after_ms: 1000 } })
      return
    }
    const controller = new AbortController()
    running.set(id, controller)
    try {
      await run(id, method, input, controller.signal)
    } catch (error) {
      if (!controller.signal.aborted) send({ type: 'error', id, ...failureOf(error, method) })
      else if (!isAbort(error, controller.signal)) report({ kind: 'failed', method, error })
    } finally {
      running.delete(id)
    }
  }

  async function run(id: number, method: string, input: unknown, signal: AbortSignal): Promise<void> {
    const { shape, handler } = find(method)
    const checked = readInput(shape.input, input)
    if (!checked.success) {
      const { code, message, ...details } = checked.error
      throw new ConsoleError(code, message, details)
    }
    if (shape.kind === 'call') {
      const value = shape.output.parse(await handler(checked.data, signal))
      if (!signal.aborted) send({ type: 'result', id, value })
      return
    }
    let sequence = 0
    for await (const item of handler(checked.data, signal)) {
      if (signal.aborted) return
      send({ type: 'item', id, sequence: sequence++, value: shape.item.parse(item) })
      await channel.drained()
    }
    if (!signal.aborted) send({ type: 'end', id })
  }

  function find(method: string): { shape: Call | Stream; handler: AnyHandler } {
    const [feature, name, ...rest] = method.split('.')
    const shape = own(own(contract, feature), name)
    const handler = own(own(handlers as unknown as Record<string, Record<string, AnyHandler>>, feature), name)
    if (shape && handler && rest.length === 0) return { shape, handler }
    report({ kind: 'unknown-method', method })
    throw new ConsoleError('not-found', `The host has no method ${method}.`)
  }

  function failureOf(error: unknown, method: string): Pick<Extract<Reply, { type: 'error' }>, 'code' | 'message' | 'details'> {
    if (error instanceof ConsoleError) return { code: error.code, message: error.message, details: error.details }
    if (isAbort(error)) return { code: 'unavailable', message: `The host stopped ${method}.`, details: {} }
    report({ kind: 'failed', method, error })
    return { code: 'internal', message: 'The host failed; its log has the details.', details: {} }
  }
}

/** Looks up a name that came over the wire: own keys only, so `__proto__` finds nothing. */
function own<T>(record: Readonly<Record<string, T>> | undefined, key: string | undefined): T | undefined {
  return record !== undefined && key !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}

function isAbort(error: unknown, signal?: AbortSignal): boolean {
  return (error instanceof Error && error.name === 'AbortError') || (signal !== undefined && error === signal.reason)
}
