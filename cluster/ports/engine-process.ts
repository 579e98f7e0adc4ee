/** A process of its own that runs the embedded engine. Each shell starts it its own way and hands the host this. */
export interface EngineProcess {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, whether the process ended by itself, was killed or could not be started. */
  onExit(listener: (reason: string) => void): void
  kill(): void
}

/** How a process failed: it ended by itself, or showed no sign of work and was ended. */
export type EngineFailure = 'crashed' | 'hung'

export type ForkEngine = () => EngineProcess
