import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createJobFolders } from '../../../adapters/directory/job-folders.ts'
import { chatReply, refusalReply } from '../../../adapters/memory/upstreams.ts'
import type { BatchViews } from '../../../ports/batch-reads.ts'
import type { PathJob } from '../../../ports/path-jobs.ts'
import { openBatchWorld, type BatchWorld } from '../batches-under-test.ts'
import { createPathJobs, type PathJobPorts } from './path-jobs.ts'

let folder: string
let world: BatchWorld
let ended: (batchIds: readonly string[]) => void
const batchIds = new Set<string>()
beforeEach(async () => {
  batchIds.clear()
  folder = await mkdtemp(join(tmpdir(), 'signalbox-jobs-'))
  await mkdir(join(folder, 'in'))
  world = await openBatchWorld(({ body }) => (body.includes('Fail') ? refusalReply(400, 'no') : chatReply('Yes.')))
})
afterEach(async () => {
  await world.stop()
  await rm(folder, { recursive: true })
})

/** What the read model would say of the batches that are in the log. */
function views(): BatchViews {
  const known = new Map<string, unknown>()
  return {
    queries: () => ({
      detail: (batchId) => known.get(batchId) as ReturnType<ReturnType<BatchViews['queries']>['detail']>,
      page: () => expect.unreachable('no list is asked for'),
      moving: () => [],
      retriesOf: () => [],
    }),
    onChanged: (listener) => {
      ended = listener
      return () => undefined
    },
    async caughtUp() {
      for (const { key } of await world.ports.state.list('batch.active.')) batchIds.add(key.slice('batch.active.'.length))
      for (const batchId of batchIds) {
        const events = await world.events(batchId)
        const first = events.find((event) => event.type === 'batch.submitted')
        const isOver = events.some(({ type }) => type === 'batch.ended')
        if (first) known.set(batchId, { row: { ended_at: isOver ? 1 : null }, spec: first.data.spec })
      }
    },
  }
}

const open = async (roots = [join(folder, 'in')], more: Partial<PathJobPorts> = {}) => {
  const { state } = world.ports
  return await createPathJobs({
    batches: world.batches,
    views: views(),
    state,
    folders: createJobFolders(roots),
    onFault: (fault) => expect.fail(String(fault)),
    ...more,
  })
}
const job = (more: Partial<PathJob> = {}): PathJob => ({
  inputPath: join(folder, 'in', 'prompts.jsonl'),
  outputPath: join(folder, 'in', 'results.jsonl'),
  model: 'small',
  samples: 1000,
  maxTokens: 64,
  temperature: 0,
  atOnce: 256,
  ...more,
})
const results = async () =>
  (await readFile(join(folder, 'in', 'results.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)

it('runs the prompts of a file and writes each with its answer or its error, also where the process ended in between', async () => {
  await writeFile(join(folder, 'in', 'prompts.jsonl'), '{"prompt":"One?"}\n\n"Two?"\nFail three\n')
  const first = await open()
  const started = await first.start('a', 'spec', 'local', job())
  if (started.kind === 'refused') return expect.unreachable(started.message)
  expect(started).toMatchObject({ samples: 3, rate: 'assumed', hours: 3 / 10 / 3600 })
  await first.stop()
  await world.ended(started.batchId)
  const second = await open()
  await second.stop()
  expect(await results()).toMatchObject([
    { prompt: 'One?', response: 'Yes.', error: null },
    { prompt: 'Two?', response: 'Yes.', error: null },
    { prompt: 'Fail three', response: null, tokens: null, error: { code: 'invalid_request' } },
  ])
  expect((await readdir(join(folder, 'in'))).sort()).toEqual(['prompts.jsonl', 'results.jsonl'])
})

it('gives a repeated command its first answer, also once the results are there, and refuses it with another output', async () => {
  await writeFile(join(folder, 'in', 'prompts.jsonl'), 'One\nTwo\n')
  const jobs = await open()
  const started = await jobs.start('a', 'spec', 'local', job())
  if (started.kind === 'refused') return expect.unreachable(started.message)
  await world.ended(started.batchId)
  ended([started.batchId])
  await jobs.stop()
  expect(await jobs.start('a', 'spec', 'local', job())).toMatchObject({ batchId: started.batchId })
  const other = job({ outputPath: join(folder, 'in', 'other.jsonl') })
  expect(await jobs.start('a', 'spec', 'local', other)).toMatchObject({ kind: 'refused', code: 'conflict' })
  await jobs.stop()
  const inputs = (await world.batches.files.list()).filter(({ purpose }) => purpose === 'batch')
  expect([inputs.length, (await results()).length, await world.ports.state.list('batch.output.')]).toEqual([1, 2, []])
})

it('writes the results of a batch that was accepted when the process ended, and drops what was not', async () => {
  await writeFile(join(folder, 'in', 'prompts.jsonl'), 'One\nTwo\n')
  const { state } = world.ports
  const killed = new Error('killed')
  const put: typeof state.put = (key, value, version) =>
    key.startsWith('batch.output.') && !JSON.stringify(value).includes('"batch_id":null')
      ? Promise.reject(killed)
      : state.put(key, value, version)
  const afterSubmit = await open(undefined, { state: { ...state, put } })
  await expect(afterSubmit.start('a', 'spec', 'local', job())).rejects.toThrow(killed)
  const batches = { ...world.batches, submit: () => Promise.reject(killed) }
  const beforeSubmit = await open(undefined, { batches })
  const second = job({ outputPath: join(folder, 'in', 'second.jsonl') })
  await expect(beforeSubmit.start('b', 'spec', 'local', second)).rejects.toThrow(killed)
  await world.until(() => world.batches.allLive().length === 0)

  const next = await open()
  await next.stop()
  expect([(await results()).length, await state.list('batch.output.')]).toEqual([2, []])
  const inputs = (await world.batches.files.list()).filter(({ purpose }) => purpose === 'batch')
  expect(inputs).toHaveLength(1)
})

it('check 8: takes 10 requests a second where nothing was measured: 360 samples are 36 seconds', async () => {
  await writeFile(join(folder, 'in', 'prompts.jsonl'), 'Why?\n'.repeat(360))
  const jobs = await open()
  expect(await jobs.start('a', 'spec', 'local', job({ samples: 360 }))).toMatchObject({ hours: 0.01, rate: 'assumed' })
  await jobs.stop()
})

it('takes no more than the samples asked for, and tells when the batch has ended', async () => {
  await writeFile(join(folder, 'in', 'prompts.jsonl'), 'One\nTwo\nThree\n')
  const jobs = await open()
  const started = await jobs.start('a', 'spec', 'local', job({ samples: 2 }))
  if (started.kind === 'refused') return expect.unreachable(started.message)
  await world.ended(started.batchId)
  ended([started.batchId])
  await jobs.stop()
  expect(await results()).toHaveLength(2)
})

it('refuses, with nothing kept, more prompts than a batch may hold', async () => {
  await writeFile(join(folder, 'in', 'prompts.jsonl'), 'Why?\n'.repeat(50_001))
  const jobs = await open()
  const answer = await jobs.start('a', 'spec', 'local', job({ samples: 100_000 }))
  if (answer.kind !== 'refused') return expect.unreachable(answer.batchId)
  expect(answer.message).toMatch(
    /prompts.jsonl has more prompts than the 50000 that a batch may hold. Lower num_samples, or split it.$/,
  )
  expect(await world.batches.files.list()).toEqual([])
})

it('refuses, with nothing kept, what lies outside its folders, what is not there, what is there already, and a file without prompts', async () => {
  await writeFile(join(folder, 'secret.jsonl'), '"x"\n')
  await writeFile(join(folder, 'in', 'prompts.jsonl'), '{"text":"no prompt"}\n')
  await symlink(join(folder, 'secret.jsonl'), join(folder, 'in', 'link.jsonl'))
  const jobs = await open()
  const refusal = async (more: Partial<PathJob>) => {
    const answer = await jobs.start(JSON.stringify(more), 'spec', 'local', job(more))
    return answer.kind === 'refused' ? `${answer.field ?? ''}: ${answer.message.replaceAll(folder, '~')}` : 'started'
  }
  const outside = 'lies outside the folders of jobs: ~/in.'
  expect(await refusal({ inputPath: join(folder, 'secret.jsonl') })).toBe(`input_path: ~/secret.jsonl ${outside}`)
  expect(await refusal({ inputPath: join(folder, 'in', 'link.jsonl') })).toBe(`input_path: ~/in/link.jsonl ${outside}`)
  expect(await refusal({ inputPath: `${folder}/in/../secret.jsonl` })).toContain(outside)
  expect(await refusal({ inputPath: 'prompts.jsonl' })).toContain('no absolute path')
  expect(await refusal({ inputPath: join(folder, 'in', 'none') })).toContain('There is no ~/in/none')
  expect(await refusal({ outputPath: join(folder, 'out.jsonl') })).toBe(`output_path: ~/out.jsonl ${outside}`)
  expect(await refusal({ outputPath: join(folder, 'in', 'prompts.jsonl') })).toContain('is there already')
  expect(await refusal({})).toBe('input_path: Line 1 of ~/in/prompts.jsonl has no prompt. Mend it, then start the job again.')
  expect([await world.batches.files.list(), await world.ports.state.list('batch.output.')]).toEqual([[], []])
  const none = await open([])
  expect(await none.start('b', 'spec', 'local', job())).toMatchObject({
    message: expect.stringContaining('SIGNALBOX_JOB_FOLDERS') as string,
  })
})
