import type { MessagePortMain, ParentPort } from 'electron'
import type { ForkEngine } from '../../cluster/ports/engine-process.ts'
import type { FromHost, ToHost } from './process-messages.ts'

interface Engine {
  readonly listeners: Set<(message: unknown) => void>
  readonly exits: Set<(reason: string) => void>
  readonly unsent: unknown[]
  port?: MessagePortMain
}

/**
 * The host's side of an engine process. A utility process cannot fork, so the main process does it on request and sends
 * back a port to the engine, and later the news of its end.
 */
export function engineForks(main: ParentPort): {
  readonly fork: ForkEngine
  /** Takes a message of the main process about an engine. */
  take(message: Extract<ToHost, { id: number }>, port: MessagePortMain | undefined): void
} {
  const engines = new Map<number, Engine>()
  let lastId = 0
  const tell = (message: FromHost) => main.postMessage(message)

  return {
    fork: () => {
      const id = ++lastId
      const engine: Engine = { listeners: new Set(), exits: new Set(), unsent: [] }
      engines.set(id, engine)
      tell({ type: 'fork-engine', id })
      return {
        // Bounded by its user: the engine is sent nothing before it has said that it is up.
        send: (message) => (engine.port ? engine.port.postMessage(message) : void engine.unsent.push(message)),
        onMessage: (listener) => void engine.listeners.add(listener),
        onExit: (listener) => void engine.exits.add(listener),
        kill: () => tell({ type: 'kill-engine', id }),
      }
    },

    take(message, port) {
      const engine = engines.get(message.id)
      if (!engine) return
      if (message.type === 'engine-exited') {
        engines.delete(message.id)
        engine.exits.forEach((listener) => listener(message.reason))
        return
      }
      if (!port) throw new Error('The main process sent no port with the engine.')
      engine.port = port
      port.on('message', ({ data }: { data: unknown }) => engine.listeners.forEach((listener) => listener(data)))
      port.start()
      engine.unsent.splice(0).forEach((waiting) => port.postMessage(waiting))
    },
  }
}
