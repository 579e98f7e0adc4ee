import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, open, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { JobFolders } from '../../ports/job-folders.ts'
import { UnavailableError } from '../../ports/errors.ts'
import type { Refusal } from '../../ports/refusal.ts'

/** Jobs' files in `roots` and below; a link that leads out of them is followed and then refused. */
export function createJobFolders(roots: readonly string[]): JobFolders {
  async function isInside(path: string): Promise<boolean> {
    const real = await realpath(path)
    for (const root of roots) {
      const way = relative(await realpath(root).catch(() => root), real)
      if (way === '' || (!way.startsWith('..') && !isAbsolute(way))) return true
    }
    return false
  }

  /** Why nothing at `path` may be touched; undefined where it may. `near`: what has to be there. */
  async function refusal(path: string, near: string, field: string): Promise<Refusal | undefined> {
    if (roots.length === 0)
      return refused(
        'invalid-input',
        'No folder is configured that jobs may read from and write to: start Signalbox with SIGNALBOX_JOB_FOLDERS set to one or several, or upload the file to /v1/files and create a batch.',
        field,
      )
    if (!isAbsolute(path)) return refused('invalid-input', `${path} is no absolute path.`, field)
    try {
      if (await isInside(near)) return undefined
    } catch {
      return refused('invalid-input', `There is no ${near}, or it cannot be read.`, field)
    }
    return refused('invalid-input', `${path} lies outside the folders of jobs: ${roots.join(', ')}.`, field)
  }

  const checkNew: JobFolders['checkNew'] = async (path) => {
    const fault = await refusal(path, dirname(path), 'output_path')
    if (fault) return fault
    return (await exists(path))
      ? refused('conflict', `${path} is there already. Name a new file, or remove it.`, 'output_path')
      : { kind: 'free' }
  }

  return {
    async read(path) {
      const fault = await refusal(path, path, 'input_path')
      if (fault) return fault
      if (!(await stat(path)).isFile()) return refused('invalid-input', `${path} is no file.`, 'input_path')
      return linesOf(path)
    },
    checkNew,
    async write(path, lines) {
      const allowed = await checkNew(path)
      if (allowed.kind === 'refused') throw new UnavailableError(allowed.message)
      const part = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`)
      try {
        const file = await open(part, 'wx')
        try {
          // Signalbox keeps its own files to itself; what it writes for others is as open as the folder they chose.
          await file.chmod((await stat(dirname(path))).mode & 0o666)
          for await (const line of lines) await file.write(`${line}\n`)
          await file.sync()
        } finally {
          await file.close()
        }
        // Unlike a renaming it never replaces what somebody put there meanwhile.
        await link(part, path)
      } finally {
        await rm(part, { force: true })
      }
    },
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, 'utf8')
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) yield line
  } finally {
    stream.destroy()
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

function refused(code: Refusal['code'], message: string, field: string): Refusal {
  return { kind: 'refused', code, message, field }
}
