import type { Logger } from 'pino'
import type { FromHost, ToHost } from './process-messages.ts'

/** A running host process. `P` is the kind of port that can travel to it. */
export interface HostProcess<P> {
  send(message: ToHost, port?: P): void
  onMessage(listener: (message: FromHost) => void): void
  onExit(listener: (reason: string) => void): void
  kill(): void
}

/**
 *   starting ──ready──▶ running
 *      ▲ └──failed/exit──┐ │ exit
 *      └── after next_at ─ down
 */
export type HostState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running' }
  | { readonly kind: 'down'; readonly reason: string; readonly next_at: number }

export interface SupervisorOptions<P> {
  readonly fork: () => HostProcess<P>
  readonly log: Logger
  /** What the host asks of the main process, about the process that asked. */
  readonly onRequest: (message: Extract<FromHost, { id: number }>, from: HostProcess<P>) => void
  /** The host is gone, whatever it had forked must go too. */
  readonly onGone: () => void
  readonly firstDelayMs?: number
  readonly maxDelayMs?: number
  /** A host that ran this long and then crashed starts again after the first delay. */
  readonly stableMs?: number
}

/** Keeps one host process running: starts it again after a crash, each time a little later, until stopped. */
export class HostSupervisor<P> {
  readonly #options: Required<SupervisorOptions<P>>
  readonly #listeners = new Set<() => void>()
  #state: HostState = { kind: 'starting' }
  #host: HostProcess<P> | undefined
  #crashes = 0
  #restart: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(options: SupervisorOptions<P>) {
    this.#options = { firstDelayMs: 250, maxDelayMs: 30_000, stableMs: 60_000, ...options }
    this.#start()
  }

  get state(): HostState {
    return this.#state
  }

  /** Hands a page's port to the host, as soon as it is ready. Returns why that cannot be done now, or null when it was. */
  async connectPage(port: P): Promise<string | null> {
    while (this.#state.kind === 'starting') await this.#change()
    if (this.#state.kind === 'down') return this.#state.reason
    this.#host?.send({ type: 'page' }, port)
    return null
  }

  /** Lets the host finish; kills it where it takes too long. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#restart)
    const host = this.#host
    if (!host) return
    const gone = new Promise<void>((resolve) => host.onExit(() => resolve()))
    host.send({ type: 'stop' })
    const late = setTimeout(() => host.kill(), graceMs)
    await gone
    clearTimeout(late)
  }

  #start(): void {
    const startedAt = performance.now()
    const host = this.#options.fork()
    let failure: string | undefined
    this.#host = host
    this.#become({ kind: 'starting' })
    host.onMessage((message) => {
      if (message.type === 'ready') {
        this.#options.log.info('host: running')
        this.#become({ kind: 'running' })
      } else if (message.type === 'failed') {
        failure = message.reason
        host.kill()
      } else this.#options.onRequest(message, host)
    })
    host.onExit((reason) => {
      this.#host = undefined
      this.#options.onGone()
      if (performance.now() - startedAt > this.#options.stableMs) this.#crashes = 0
      this.#wait(failure ?? `The host process ended (${reason}).`)
    })
  }

  #wait(reason: string): void {
    if (this.#stopped) return this.#become({ kind: 'down', reason, next_at: Infinity })
    const delay = Math.min(this.#options.maxDelayMs, this.#options.firstDelayMs * 2 ** this.#crashes++)
    this.#options.log.error({ reason, delay_ms: delay }, 'host: down, starts again')
    this.#become({ kind: 'down', reason, next_at: Date.now() + delay })
    this.#restart = setTimeout(() => this.#start(), delay)
  }

  #become(state: HostState): void {
    this.#state = state
    this.#listeners.forEach((listener) => listener())
    this.#listeners.clear()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#listeners.add(resolve))
  }
}
