import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Secrets } from '../../ports/secrets.ts'
import { createMemorySecrets } from '../memory/secrets.ts'
import { createDirectorySecrets } from './secrets.ts'

let directory: string
let file: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-secrets-'))
  file = join(directory, 'private', 'secrets.json')
})

afterEach(() => rm(directory, { recursive: true }))

describe.each<[string, () => Secrets]>([
  ['in memory', createMemorySecrets],
  ['in a file', () => createDirectorySecrets(file)],
])('Secrets %s', (_where, open) => {
  it('are kept, replaced and removed by name', async () => {
    const secrets = open()
    expect(await secrets.get('lab')).toBeUndefined()
    await Promise.all([secrets.set('lab', 'one'), secrets.set('other', 'two')])
    await secrets.set('lab', 'three')
    expect([await secrets.get('lab'), await secrets.has('other'), await secrets.has('nothing')]).toEqual(['three', true, false])
    expect([await secrets.remove('lab'), await secrets.remove('lab')]).toEqual([true, false])
    expect(await secrets.get('lab')).toBeUndefined()
  })
})

describe('The file of the secrets', () => {
  it('can be read by its owner only, and outlives the process', async () => {
    await createDirectorySecrets(file).set('lab', 'one')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await createDirectorySecrets(file).get('lab')).toBe('one')
  })

  it('is never overwritten when it is damaged, and what is in it never shows in the error', async () => {
    await createDirectorySecrets(file).set('lab', 'one')
    await writeFile(file, '{"lab": "sk-visible')
    const secrets = createDirectorySecrets(file)
    const error = await secrets.set('lab', 'two').catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'CorruptionError' })
    expect(String(error)).not.toContain('sk-visible')
    expect(await readFile(file, 'utf8')).toContain('sk-visible')
  })
})
