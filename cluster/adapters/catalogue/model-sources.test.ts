import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { CatalogueEntry } from '../../messages/catalogue.ts'
import { fetchFrom } from './model-sources.ts'
import { serveFile } from './scripted-file-server.ts'
import { safetensors, TINY_BERT, TINY_VOCABULARY } from './tiny-bert.ts'

it('An encoder on a hub arrives as weights and vocabulary and is written as the one file that is loaded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-hub-'))
  const weights = safetensors(TINY_BERT)
  const [weightServer, wordServer] = [await serveFile(weights), await serveFile(Buffer.from(TINY_VOCABULARY))]
  const entry: CatalogueEntry = {
    id: 'tiny',
    name: 'Tiny',
    family: 'Tiny',
    parameters: '1',
    quantisation: 'F16',
    file_name: 'tiny.gguf',
    size_bytes: 1,
    sha256: '0'.repeat(64),
    licence: { spdx: 'MIT', url: 'https://opensource.org/license/mit' },
    context_tokens: 4,
    memory_bytes: 1,
    role: 'embedding',
    note: '',
    sources: [{ kind: 'file' }],
  }
  const partFile = join(directory, 'tiny.gguf.part')
  await fetchFrom({
    entry,
    source: {
      kind: 'hub-bert',
      url: weightServer.url,
      size_bytes: weights.length,
      vocabulary_url: wordServer.url,
      vocabulary_bytes: TINY_VOCABULARY.length,
    },
    partFile,
    ownFolders: [],
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
  expect((await readFile(partFile)).subarray(0, 4).toString()).toBe('GGUF')
  expect(await readdir(directory)).toEqual(['tiny.gguf.part'])
  await weightServer.close()
  await wordServer.close()
  await rm(directory, { recursive: true })
})
