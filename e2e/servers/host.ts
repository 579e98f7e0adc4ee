import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import hostMemory from '../../src-main/host-memory.json' with { type: 'json' }

export interface RunningHost {
  readonly url: string
  readonly token: string
  readonly gateway?: { readonly url: string; readonly token: string }
  readonly pid: number
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
  /** Ends it as an operator would. Resolves to the exit code. */
  stop(): Promise<number | null>
}

/** What the product gives its host, so that what is measured here is what an operator gets. */
export const hostOptions: readonly string[] = hostMemory

const MAIN = fileURLToPath(new URL('../../src-main/server/main.ts', import.meta.url))

/** Starts the server shell in a process of its own over `dataDir`. Rejects with what it wrote if it does not come up. */
export async function startHost(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<RunningHost> {
  const child = spawn(process.execPath, [...hostOptions, MAIN, '--json', '--port', '0', '--data', dataDir, ...args], {
    env: { ...process.env, SIGNALBOX_ENGINE_THREADS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let complaints = ''
  child.stderr.on('data', (part: Buffer) => (complaints += part.toString()))
  const line = await Promise.race([
    firstLine(child),
    ended.then((code) => Promise.reject(new Error(`The host ended with code ${code}: ${complaints}`))),
  ])
  const said = JSON.parse(line) as Pick<RunningHost, 'url' | 'token' | 'gateway'>
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    return await ended
  }
  return {
    ...said,
    pid: child.pid ?? 0,
    kill: async () => {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) return reject(new Error('The host has no standard output.'))
    createInterface({ input: child.stdout }).once('line', resolve)
  })
}
