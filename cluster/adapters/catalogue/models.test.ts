import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CatalogueEntry, ModelSource } from '../../messages/catalogue.ts'
import { createMemorySmallState } from '../memory/small-state.ts'
import { systemClock } from '../system/clock.ts'
import { readCatalogue } from './catalogue-file.ts'
import { createModels, type Models, type ModelsOptions } from './models.ts'
import type { ModelState } from './model-state.ts'
import { serveFile, type FileServer } from './scripted-file-server.ts'

const WEIGHTS = Buffer.concat([Buffer.from('GGUF'), randomBytes(200_000)])
/** Nothing listens on the port of the discard service of this address. */
const UNREACHABLE: ModelSource = { kind: 'hub', url: 'http://127.0.0.1:9/model.gguf' }
/** A test network from which no answer ever comes. */
const BLACK_HOLE: ModelSource = { kind: 'hub', url: 'http://192.0.2.1/model.gguf' }

let directory: string
let server: FileServer
let hub: ModelSource

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-models-'))
  server = await serveFile(WEIGHTS)
  hub = { kind: 'hub', url: server.url }
})

afterEach(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

function saying(pattern: RegExp): string {
  return expect.stringMatching(pattern) as string
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function entry(extra: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return {
    id: 'small',
    name: 'Small',
    family: 'Small',
    parameters: '1 B',
    quantisation: 'Q4_K_M',
    file_name: 'small.gguf',
    size_bytes: WEIGHTS.length,
    sha256: sha256(WEIGHTS),
    licence: { spdx: 'MIT', url: 'https://opensource.org/license/mit' },
    context_tokens: 4096,
    memory_bytes: 1000,
    role: 'better',
    note: '',
    sources: [hub],
    ...extra,
  }
}

function open(models: CatalogueEntry[], extra: Partial<ModelsOptions> = {}): Models {
  return createModels({
    catalogue: { version: 1, models },
    directory: join(directory, 'models'),
    ownFolders: [],
    state: createMemorySmallState(),
    clock: systemClock,
    machine: () => ({ cores: 4, memoryBytes: 8000, freeMemoryBytes: 4000 }),
    engine: { loadedModels: () => [], release: () => Promise.resolve(true), measured: () => null },
    ...extra,
  })
}

async function states(models: Models): Promise<ModelState[]> {
  return (await models.list()).map(({ state }) => state)
}

describe('The shipped catalogue', () => {
  it('is well formed, names one starter, and pins every file by its digest', async () => {
    const { models } = await readCatalogue(join(import.meta.dirname, '../../../resources/models/catalogue.json'))
    expect(models.filter(({ role }) => role === 'starter').map(({ id }) => id)).toEqual(['smollm2-135m-instruct'])
    expect(new Set(models.map((model) => model.sha256)).size).toBe(models.length)
    for (const model of models) expect(model.memory_bytes).toBeGreaterThan(model.size_bytes)
  })

  it('is refused with the place of the fault when it is damaged', async () => {
    const file = join(directory, 'catalogue.json')
    await writeFile(file, JSON.stringify({ version: 1, models: [entry({ sha256: 'none' })] }))
    await expect(readCatalogue(file)).rejects.toThrow('`models.0.sha256` is to be')
  })
})

describe('A model', () => {
  it('is absent, then downloads with progress, then is ready to be loaded', async () => {
    server.trickle(40)
    const models = open([entry()])
    expect(await states(models)).toEqual([{ kind: 'absent' }])
    let changes = 0
    models.watch(() => (changes += 1))
    const download = models.download('small')
    await expect
      .poll(() => states(models))
      .toMatchObject([
        {
          kind: 'downloading',
          source: server.url.slice(7, -11),
          totalBytes: WEIGHTS.length,
          bytesPerSecond: expect.any(Number) as number,
        },
      ])
    expect(await download).toEqual({ kind: 'ready' })
    expect(await states(models)).toEqual([{ kind: 'ready' }])
    expect(await models.onDisk()).toMatchObject([
      { id: 'small', contextTokens: 4096, file: join(directory, 'models', 'small.gguf') },
    ])
    expect(await readdir(join(directory, 'models'))).toEqual(['small.gguf'])
    expect(await models.diskUsage()).toMatchObject({ modelsBytes: WEIGHTS.length })
  })

  it('goes on where a broken download ended', async () => {
    server.breakAfter(50_000)
    const models = open([entry()])
    expect(await models.download('small')).toMatchObject({
      kind: 'failed',
      reasons: [{ reason: saying(/broke after 50000 bytes/) }],
    })
    expect(await models.download('small')).toEqual({ kind: 'ready' })
    expect(server.ranges).toEqual([undefined, 'bytes=50000-'])
    expect(await readFile(join(directory, 'models', 'small.gguf'))).toEqual(WEIGHTS)
  })

  it('starts afresh where the server no longer has the file of which a part is there', async () => {
    server.breakAfter(50_000)
    const models = open([entry()])
    await models.download('small')
    await writeFile(join(directory, 'models', 'small.gguf.part.json'), JSON.stringify({ url: server.url, validator: '"v0"' }))
    expect(await models.download('small')).toEqual({ kind: 'ready' })
    expect(await readFile(join(directory, 'models', 'small.gguf'))).toEqual(WEIGHTS)
  })

  it('is cancelled at once, keeps what has arrived, and goes on with it later', async () => {
    server.trickle(40)
    const models = open([entry()])
    const download = models.download('small')
    const part = join(directory, 'models', 'small.gguf.part')
    await expect
      .poll(() =>
        stat(part).then(
          ({ size }) => size,
          () => 0,
        ),
      )
      .toBeGreaterThan(10_000)
    expect(models.cancelDownload('small')).toBe(true)
    expect(await download).toEqual({ kind: 'absent' })
    server.trickle(1)
    expect(await models.download('small')).toEqual({ kind: 'ready' })
    expect(server.ranges[1]).toMatch(/^bytes=\d{5,}-$/)
  })

  it('is thrown away when its digest is wrong, with both digests as the reason', async () => {
    const wanted = '0'.repeat(64)
    const models = open([entry({ sha256: wanted })])
    const end = await models.download('small')
    expect(end).toMatchObject({ kind: 'failed', reasons: [{ reason: saying(new RegExp(`${sha256(WEIGHTS)}.*${wanted}`)) }] })
    expect(await states(models)).toEqual([end])
    expect(await readdir(join(directory, 'models'))).toEqual([])
  })

  it('is not fetched at all where the server has a file of another size', async () => {
    const models = open([entry({ size_bytes: 77 })])
    expect(await models.download('small')).toMatchObject({
      kind: 'failed',
      reasons: [{ reason: saying(/200004 bytes where 77/) }],
    })
  })

  it('comes from the next source when the first refuses and the second never answers', async () => {
    const models = open([entry({ sources: [UNREACHABLE, BLACK_HOLE, hub] })])
    expect(await models.download('small')).toEqual({ kind: 'ready' })
  })

  it('fails with a reason for every source when none has it', async () => {
    await mkdir(join(directory, 'own'))
    const models = open([entry({ sources: [{ kind: 'file' }, UNREACHABLE] })], { ownFolders: [join(directory, 'own')] })
    expect(await models.download('small')).toMatchObject({
      kind: 'failed',
      reasons: [
        { source: 'file on disk', reason: saying(/no file small.gguf/) },
        { source: '127.0.0.1:9', reason: saying(/cannot be reached/) },
      ],
    })
  })

  it('comes from a folder of the operator without any network', async () => {
    await writeFile(join(directory, 'small.gguf'), WEIGHTS)
    const models = open([entry({ sources: [{ kind: 'file' }, UNREACHABLE] })], { ownFolders: [directory] })
    expect(await models.download('small')).toEqual({ kind: 'ready' })
  })

  it('counts as absent when its file was cut', async () => {
    const models = open([entry()])
    await models.download('small')
    await truncate(join(directory, 'models', 'small.gguf'), 1000)
    expect(await states(models)).toEqual([{ kind: 'absent' }])
  })

  it('is removed with its bytes, but not while calls use it', async () => {
    let busy = true
    const models = open([entry()], {
      engine: { loadedModels: () => ['small'], release: () => Promise.resolve(!busy), measured: () => null },
    })
    await models.download('small')
    expect(await models.remove('small')).toMatchObject({ kind: 'conflict', reason: saying(/answering calls/) })
    busy = false
    expect(await models.remove('small')).toEqual({ kind: 'removed', freedBytes: WEIGHTS.length })
    expect(await states(models)).toEqual([{ kind: 'absent' }])
    expect(await models.remove('small')).toEqual({ kind: 'missing' })
    expect(await models.remove('unheard-of')).toEqual({ kind: 'missing' })
  })
})

describe('A model file of the operator', () => {
  it('is imported under an id of its own, and survives in small state', async () => {
    const path = join(directory, 'My Model.gguf')
    const own = Buffer.concat([Buffer.from('GGUF'), Buffer.from('mine')])
    await writeFile(path, own)
    const state = createMemorySmallState()
    const id = `own-my-model-${sha256(own).slice(0, 8)}`
    expect(await open([entry()], { state }).importFile(path)).toEqual({ kind: 'imported', id, sha256: sha256(own) })
    const again = open([entry()], { state })
    expect(await again.onDisk()).toMatchObject([{ id, label: 'My Model', starter: false, contextTokens: null }])
    expect((await again.list()).at(-1)).toMatchObject({ id, imported: true, sizeBytes: 8, state: { kind: 'ready' } })
    expect(await again.remove(id)).toEqual({ kind: 'removed', freedBytes: 8 })
    expect(await again.list()).toHaveLength(1)
    expect(await readFile(path)).toEqual(own)
  })

  it('becomes the entry of the catalogue that it is', async () => {
    await writeFile(join(directory, 'renamed.gguf'), WEIGHTS)
    const models = open([entry()])
    expect(await models.importFile(join(directory, 'renamed.gguf'))).toMatchObject({ kind: 'imported', id: 'small' })
    expect(await states(models)).toEqual([{ kind: 'ready' }])
  })

  it('is refused when it is missing or no GGUF file', async () => {
    await writeFile(join(directory, 'notes.txt'), 'hello')
    const models = open([entry()])
    expect(await models.importFile(join(directory, 'nowhere.gguf'))).toMatchObject({ kind: 'invalid', reason: saying(/no file/) })
    expect(await models.importFile(join(directory, 'notes.txt'))).toMatchObject({ kind: 'invalid', reason: saying(/not a GGUF/) })
    expect(await models.importFile(directory)).toMatchObject({ kind: 'invalid', reason: saying(/not a file/) })
  })
})

describe('What fits this machine', () => {
  const size = (id: string, gigabytes: number, memory: number) =>
    entry({ id, file_name: `${id}.gguf`, size_bytes: gigabytes * 1e9, memory_bytes: memory, sha256: sha256(Buffer.from(id)) })
  const list = [entry({ role: 'starter' }), size('1b', 1.1, 2000), size('2b', 1.6, 3000), size('4b', 2.5, 5000)]

  it.each([
    ['the largest that memory holds', { cores: 8, freeMemoryBytes: 4000 }, '2b'],
    ['the largest of all on a large machine', { cores: 8, freeMemoryBytes: 9000 }, '4b'],
    ['a smaller one where few cores would make a large one crawl', { cores: 2, freeMemoryBytes: 9000 }, '1b'],
    ['the smallest where even that will be slow', { cores: 1, freeMemoryBytes: 9000 }, '1b'],
    ['none where memory holds none', { cores: 8, freeMemoryBytes: 1500 }, undefined],
  ])('recommends %s', async (_what, machine, recommended) => {
    const records = await open(list, { machine: () => ({ memoryBytes: 16_000, ...machine }) }).list()
    expect(records.find((record) => record.recommended)?.id).toBe(recommended)
  })

  it('counts the memory that the loaded model would give back, and estimates speed from what was measured', async () => {
    const engine = {
      loadedModels: () => ['2b'],
      release: () => Promise.resolve(true),
      measured: () => ({ model: '2b', tokensPerSecond: 10 }),
    }
    const records = await open(list, { engine, machine: () => ({ cores: 8, memoryBytes: 16_000, freeMemoryBytes: 2500 }) }).list()
    expect(records.find(({ id }) => id === '4b')).toMatchObject({
      fit: { fits: true, needsBytes: 5000, freeBytes: 2500 },
      estimatedTokensPerSecond: 6.4,
    })
  })
})
