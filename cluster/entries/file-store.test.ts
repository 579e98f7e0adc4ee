import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemorySecrets } from '../adapters/memory/secrets.ts'
import { createMemorySmallState } from '../adapters/memory/small-state.ts'
import { FILE_STORE_SECRETS, FILE_STORE_SETTING } from '../messages/file-store.ts'
import { createFileStoreChoice, openFileStore } from './file-store.ts'

let directory: string
const state = createMemorySmallState()
const secrets = createMemorySecrets()
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-files-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('keeps files of batches in a folder unless the settings name another store', async () => {
  await (await openFileStore({ state, secrets, directory })).put(new Uint8Array(1))
  expect((await readdir(directory)).length).toBeGreaterThan(0)
})

it('asks for the keys of an S3 store, and leaves the folder alone then', async () => {
  await state.put(FILE_STORE_SETTING, { kind: 's3', endpoint: 'http://127.0.0.1:1', bucket: 'files' }, 'any')
  const locked = await openFileStore({ state, secrets, directory })
  await expect(locked.put(new Uint8Array(1))).rejects.toThrow('The keys of the object store http://127.0.0.1:1 are not entered')
  await secrets.set(FILE_STORE_SECRETS.accessKey, 'a')
  await secrets.set(FILE_STORE_SECRETS.secretKey, 'b')
  const files = await openFileStore({ state, secrets, directory })
  await expect(files.put(new Uint8Array(1))).rejects.toThrow('http://127.0.0.1:1/files cannot be reached')
  expect(await readdir(directory)).toEqual([])
})

it('keeps no choice of a store that cannot be written', async () => {
  const choice = createFileStoreChoice({
    state: createMemorySmallState(),
    secrets: createMemorySecrets(),
    inUse: { kind: 'directory' },
  })
  const store = { kind: 's3', endpoint: 'http://127.0.0.1:1', bucket: 'files', region: 'us-east-1' } as const
  await expect(choice.save(store, undefined)).rejects.toThrow('Enter the access key and the secret key of http://127.0.0.1:1.')
  await expect(choice.save(store, { access_key: 'a', secret_key: 'b' })).rejects.toThrow('cannot be reached')
  expect(await choice.read()).toEqual({ store: { kind: 'directory' }, in_use: { kind: 'directory' }, has_keys: false })
})
