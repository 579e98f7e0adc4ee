import { pino, type Logger } from 'pino'

/** Processes of an installation are started together, and NATS may take the longest. */
export const FIRST_PATIENCE_MS = 60_000

/** One process of the cluster: what it was told, its log, and the signal that asks it to stop. */
export interface ClusterProcess<S> {
  readonly settings: S
  readonly log: Logger
  readonly stopping: AbortSignal
  /** The one place for what nobody expected. */
  readonly onFault: (fault: unknown) => void
}

/**
 * Runs `main` until it resolves to an exit code, logs JSON lines to standard output, and asks it to stop on SIGTERM and SIGINT. What
 * `main` rejects with is logged and ends the process with 1.
 */
export async function runProcess<S extends { readonly logLevel: string }>(
  name: string,
  readSettings: () => S,
  main: (self: ClusterProcess<S>) => Promise<number>,
): Promise<never> {
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())
  const log = pino({ name, level: 'info' })
  try {
    const settings = readSettings()
    log.level = settings.logLevel
    const code = await main({ settings, log, stopping: stopping.signal, onFault: (fault) => log.error({ err: fault }, 'fault') })
    log.info({ code }, 'stopped')
    process.exit(code)
  } catch (fault) {
    log.fatal({ err: fault }, 'ended by a fault')
    process.exit(1)
  }
}

/** Resolves when the process is asked to stop. */
export function asked(stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopping.aborted) resolve()
    else stopping.addEventListener('abort', () => resolve(), { once: true })
  })
}
