import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A controller or worker in a process of its own. */
export interface ClusterProcess {
  readonly pid: number
  /** Resolves to its exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>
  /** What it wrote: JSON lines. */
  output(): string
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
  /** Asks it to stop. Resolves to the exit code. */
  stop(): Promise<number | null>
}

/** Starts `cluster/entries/<entry>.ts` and waits until it is ready. Rejects with what it wrote if it ends before. */
export async function startClusterProcess(
  entry: 'controller' | 'worker',
  env: Readonly<Record<string, string>>,
): Promise<ClusterProcess> {
  const main = fileURLToPath(new URL(`../../cluster/entries/${entry}.ts`, import.meta.url))
  const child = spawn(process.execPath, [main], { env: { ...inherited(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const killChild = () => void child.kill('SIGKILL')
  process.once('exit', killChild)
  void ended.then(() => process.off('exit', killChild))
  let output = ''
  child.stderr.on('data', (part: Buffer) => (output += part.toString()))
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`
      if (line.includes('"msg":"ready"')) resolve()
    })
  })
  await Promise.race([ready, ended.then((code) => Promise.reject(new Error(`The ${entry} ended with code ${code}: ${output}`)))])
  return {
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** Nothing of the installation comes from the environment of the tests. */
function inherited() {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  return { PATH, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) }
}
