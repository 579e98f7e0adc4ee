import { fork } from 'node:child_process'
import type { ForkEngine } from '../../ports/engine-process.ts'

/** Starts the engine as a child of this Node process: `file` is the engine's entry, as source or built. */
export function forkEngineByNode(file: string): ForkEngine {
  return () => {
    const child = fork(file, { serialization: 'json', execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    let ended: string | undefined
    const exits: ((reason: string) => void)[] = []
    const end = (reason: string) => {
      if (ended !== undefined) return
      ended = reason
      for (const exit of exits) exit(reason)
    }
    child.on('error', (error) => end(error.message))
    child.on('exit', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`))
    return {
      // A message to a process that has just died is lost; its exit is what the caller hears of.
      send(message) {
        if (child.connected) child.send(message as object, () => undefined)
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => (ended === undefined ? void exits.push(listener) : listener(ended)),
      kill: () => void child.kill('SIGKILL'),
    }
  }
}
