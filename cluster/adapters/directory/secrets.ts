import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { CorruptionError, UnavailableError } from '../../ports/errors.ts'
import { rootCause } from '../engines/root-cause.ts'
import type { Secrets } from '../../ports/secrets.ts'

const OWNER_ONLY = 0o600

const content = z.record(z.string(), z.string())

/** Secrets in one JSON file that only its owner may read, replaced as a whole at every change. */
export function createDirectorySecrets(file: string): Secrets {
  let last: Promise<unknown> = Promise.resolve()

  /** One change after the other, so that none undoes another. */
  function change<T>(step: (secrets: Map<string, string>) => T): Promise<T> {
    const done = last.then(async () => {
      const secrets = await load(file)
      const result = step(secrets)
      await save(file, secrets)
      return result
    })
    last = done.catch(() => undefined)
    return done
  }

  return {
    get: async (name) => (await load(file)).get(name),
    set: (name, value) => change((secrets) => void secrets.set(name, value)),
    remove: (name) => change((secrets) => secrets.delete(name)),
    has: async (name) => (await load(file)).has(name),
  }
}

async function load(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (rootCause(cause) === 'ENOENT') return '{}'
    throw new UnavailableError(`The secrets in ${file} cannot be read (${rootCause(cause)}); check who owns the file.`, { cause })
  })
  try {
    return new Map(Object.entries(content.parse(JSON.parse(text))))
  } catch {
    // The cause would quote what is in the file.
    throw new CorruptionError(`The secrets in ${file} are damaged; remove the file and enter the keys again.`)
  }
}

async function save(file: string, secrets: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const next = `${file}.next`
  const handle = await open(next, 'w', OWNER_ONLY)
  try {
    await handle.chmod(OWNER_ONLY)
    await handle.writeFile(JSON.stringify(Object.fromEntries(secrets)))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(next, file)
}
