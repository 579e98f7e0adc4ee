/**
 * A plane of batches over durable stores in a process of its own, which runs its requests and tells how that goes, a line of JSON each. Started
 * again on the same folder it goes on with it.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { uptime } from 'node:os'
import { openDirectoryBlobs } from '../adapters/directory/blobs.ts'
import { openSqliteBatchRequests } from '../adapters/sqlite/batch-requests.ts'
import { openSqliteContext } from '../adapters/sqlite/context.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createUpstreams } from '../adapters/upstreams/upstreams.ts'
import { createFileValidation } from '../adapters/validation/validation.ts'
import { BATCH_BOUNDS, createBatches } from '../app/batch/create-batches.ts'
import { submitBatch } from '../messages/batch.ts'
import { batchSubject } from '../messages/batch-events.ts'

const [folder = '', baseUrl = '', size = '1000', concurrency = '256', adaptive = 'fixed'] = process.argv.slice(2)
const count = Number(size)
/** What a file may hold. More requests are several batches of one file. */
const MOST_LINES = 50_000
const MODEL = { engine_id: 'lab', model: 'small' }
const onFault = (fault: unknown) => console.error(fault)
const tell = (news: Record<string, unknown>) => console.log(JSON.stringify(news))
const writerModule = new URL('../adapters/sqlite/writer-thread.ts', import.meta.url)

const store = await openSqliteContext({ file: join(folder, 'local.db'), writerModule })
const requests = await openSqliteBatchRequests({ file: join(folder, 'batches.db'), writerModule, onFault })
const blobs = await openDirectoryBlobs(join(folder, 'batch-blobs'))
const validation = createFileValidation(new URL('../adapters/validation/thread-main.ts', import.meta.url))
const served = {
  reference: MODEL,
  label: 'small',
  contextTokens: null,
  starter: false,
  parallel: Number(concurrency),
  tokensPerSecond: null,
}
const upstreams = createUpstreams({
  engines: {
    complete: () => Promise.reject(new Error('not here')),
    embed: () => Promise.reject(new Error('not here')),
    embedders: () => Promise.resolve([]),
    served: () => Promise.resolve([served]),
    countTokens: () => Promise.resolve(0),
    watch: () => () => undefined,
  },
  endpoints: {
    connection: () =>
      Promise.resolve({
        settings: { id: 'lab', name: 'Lab', base_url: baseUrl, models: null, parallel: 256, allow_substitution: false },
        key: undefined,
        revision: 1,
      }),
    watch: () => () => undefined,
  },
  clock: systemClock,
  idleTimeoutMs: 60_000,
  onFault,
})
const batches = await createBatches(
  {
    ...store,
    blobs,
    requests: requests.requests,
    validation,
    engines: { countTokens: () => Promise.resolve(0) },
    upstreams,
    clock: systemClock,
    uptime: () => uptime() * 1000,
    newId: randomUUID,
    jitter: Math.random,
    onFault,
  },
  BATCH_BOUNDS,
)
const file = (await batches.files.list()).find(({ purpose }) => purpose === 'batch') ?? (await upload())
const batchIds: string[] = []
for (let nth = 0; nth * MOST_LINES < count; nth++) batchIds.push(await submit(nth))
let [peak, seen] = [0, 0]
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 20))
  peak = Math.max(peak, process.memoryUsage().rss)
  const live = batchIds.flatMap((batchId) => batches.live(batchId) ?? [])
  if (live.length === 0) break
  const completed = live.reduce((sum, { counts }) => sum + counts.completed, 0) + (batchIds.length - live.length) * MOST_LINES
  if (completed !== seen) tell({ kind: 'counts', at: Date.now(), completed, limit: live[0]?.concurrency.limit })
  seen = completed
}
const [batchId = ''] = batchIds
const events = (await store.log.readSubject(batchSubject(batchId))).flatMap((entry) => entry.events)
const at = (type: string) => events.find((event) => event.type === type)?.at ?? 0
const ended = events.find((event) => event.type === 'batch.ended')
tell({
  kind: 'ended',
  runMs: at('batch.finalizing') - at('batch.started'),
  finalizingMs: at('batch.ended') - at('batch.finalizing'),
  peakBytes: peak,
  data: ended?.data,
})
await batches.stop()
await upstreams.stop()
await validation.stop()
await requests.close()
await store.close()

async function submit(nth: number): Promise<string> {
  const settings = { adaptive_concurrency: adaptive === 'adaptive' }
  const wanted = submitBatch.parse({ input_file_id: file.id, endpoint: '/v1/chat/completions', settings })
  const submitted = await batches.submit(`bench-${nth}`, 'bench', 'local', wanted)
  if (submitted.kind === 'refused') throw new Error(submitted.message)
  return submitted.batchId
}

async function upload() {
  const created = await batches.files.create({ filename: 'bench.jsonl', tenant: 'local', content: lines() })
  if ('kind' in created) throw new Error(created.message)
  return created
}

async function* lines(): AsyncIterable<Uint8Array> {
  const whole = Math.min(count, MOST_LINES)
  for (let n = 0; n < whole; n += 500) {
    const group = Array.from({ length: Math.min(500, whole - n) }, (_, index) => line(n + index))
    yield await Promise.resolve(Buffer.from(group.join('')))
  }
}

/** A line of some 774 bytes. */
function line(n: number): string {
  const content = `Label request ${n}: ${'the words of a ticket that somebody wrote. '.repeat(13)}`
  const body = { model: 'small', messages: [{ role: 'user', content }], max_tokens: 64 }
  return `${JSON.stringify({ custom_id: `row-${n}`, method: 'POST', url: '/v1/chat/completions', body })}\n`
}
