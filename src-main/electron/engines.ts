import { MessageChannelMain, type MessagePortMain } from 'electron'
import type { HostProcess } from './host-supervisor.ts'
import { type EngineChild, forkEngine } from './processes.ts'
import type { FromHost } from './process-messages.ts'

/** The engine processes that the running host has asked for. */
export function engineProcesses(appDir: string) {
  const running = new Map<number, EngineChild>()
  return {
    take: (message: Extract<FromHost, { id: number }>, host: HostProcess<MessagePortMain>): void => {
      const { id } = message
      if (message.type === 'kill-engine') {
        running.get(id)?.kill()
        return
      }
      const { port1, port2 } = new MessageChannelMain()
      const child = forkEngine(appDir, port1, (reason) => {
        if (running.delete(id)) host.send({ type: 'engine-exited', id, reason })
      })
      running.set(id, child)
      host.send({ type: 'engine', id }, port2)
    },

    /** The host is gone: nobody is left to use them. */
    killAll: (): void => {
      const engines = [...running.values()]
      running.clear()
      engines.forEach((engine) => engine.kill())
    },
  }
}
