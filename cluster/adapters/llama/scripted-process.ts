import type { EngineProcess, ForkEngine } from '../../ports/engine-process.ts'
import { engineRequest, type EngineReport, type EngineRequest } from './protocol.ts'

/** An engine process whose answers a test gives; `born` counts how often it was started. */
export function scriptedProcess(
  answer: (request: EngineRequest, process: { report: (report: EngineReport) => void; die: () => void }) => void,
) {
  let born = 0
  const fork: ForkEngine = () => {
    born++
    let heard: (message: unknown) => void = () => undefined
    let exited: (reason: string) => void = () => undefined
    const process = {
      report: (report: EngineReport) => void setImmediate(() => heard(report)),
      die: () => void setImmediate(() => exited('signal SIGSEGV')),
    }
    process.report({ type: 'up' })
    const port: EngineProcess = {
      send: (message) => answer(engineRequest.parse(message), process),
      onMessage: (listener) => (heard = listener),
      onExit: (listener) => (exited = listener),
      kill: () => process.die(),
    }
    return port
  }
  return { fork, born: () => born }
}
