import { join } from 'node:path'
import { type MessagePortMain, utilityProcess, type UtilityProcess } from 'electron'
import hostMemory from '../host-memory.json' with { type: 'json' }
import { fromHost, type HostArguments } from './process-messages.ts'
import type { HostProcess } from './host-supervisor.ts'

/** Forks the host into a process of its own. */
export function forkHost(hostArguments: HostArguments): HostProcess<MessagePortMain> {
  const child = utilityProcess.fork(entry(hostArguments.app_dir, 'host'), [JSON.stringify(hostArguments)], {
    serviceName: 'Signalbox host',
    // A utility process takes options of V8 in this form only.
    execArgv: [`--js-flags=${hostMemory.join(' ')}`],
  })
  return {
    send: (message, port) => child.postMessage(message, port ? [port] : []),
    onMessage: (listener) => void child.on('message', (message) => listener(fromHost.parse(message))),
    onExit: (listener) => void child.once('exit', (code) => listener(`code ${code}`)),
    kill: () => kill(child),
  }
}

/** An engine process; its end is told once. */
export interface EngineChild {
  kill(): void
}

/** Forks an engine and gives it one end of its port to the host. */
export function forkEngine(appDir: string, port: MessagePortMain, onExit: (reason: string) => void): EngineChild {
  const child = utilityProcess.fork(entry(appDir, 'engine'), [], { serviceName: 'Signalbox engine' })
  child.once('exit', (code) => onExit(`exit code ${code}`))
  child.postMessage({ type: 'host' }, [port])
  return { kill: () => kill(child) }
}

function entry(appDir: string, name: string): string {
  return join(appDir, 'out', 'main', `${name}.js`)
}

/** At once: a process that hangs in native code does not hear a polite signal. */
function kill(child: UtilityProcess): void {
  if (child.pid === undefined) child.kill()
  else process.kill(child.pid, 'SIGKILL')
}
