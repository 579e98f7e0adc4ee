import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import * as z from 'zod'
import { startStandIn } from '../../cluster/bench/batch-plane.ts'
import { median, perSecond, type Figure } from '../../cluster/bench/report.ts'
import { batchEta, type SubmitBatch } from '../../cluster/messages/batch.ts'
import { connectTo } from '../servers/client.ts'
import { startHost, type RunningHost } from '../servers/host.ts'

const ANSWER_MS = 50
const LOOK_MS = 500
const MEGABYTE = 1024 * 1024
/** From this share of its requests on the shown end is held against the real one; none is shown in the first two minutes. */
const FROM_PROGRESS = 0.2
const CONVERSATIONS = fileURLToPath(new URL('../../../shared/data/router-eval/gsm8k.jsonl.gz', import.meta.url))

const stored = z.object({ id: z.string() })
const picture = z.object({ state: z.string(), eta: batchEta.nullable() })
const counted = z.object({
  status: z.string(),
  request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
})
const question = z.object({ prompt: z.string() })

/** How a batch went: its requests over the time in which they were answered, and what was shown meanwhile. */
interface Course {
  readonly perSecond: number
  /** Median of |shown − real time left| / real time left, from a fifth of its requests on; undefined where nothing was shown. */
  readonly etaError: number | undefined
  readonly verdict: string
  /** Most memory of the host meanwhile. */
  readonly peakBytes: number
}

/** The five situations of a batch on the whole host, over HTTP: plain, large texts, real questions on the built-in model, more and more at once, a deadline. */
export async function benchBatchScenarios(): Promise<readonly Figure[]> {
  const undo: (() => unknown)[] = []
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'))
    undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
    const plain = await startStandIn(ANSWER_MS)
    undo.push(() => plain.stop())
    const wordy = await startStandIn(ANSWER_MS, 2000)
    undo.push(() => wordy.stop())
    const host = await startHost(dataDir, {}, ['--gateway-port', '0'])
    undo.push(() => host.stop())
    const client = await connectTo(host)
    undo.push(() => client.close())
    const endpoint = async (name: string, url: string, parallel: number) =>
      (await client.host.model.saveEndpoint({ name, base_url: url, parallel })).engine_id
    const wide = await endpoint('Wide', plain.url, 256)
    const narrow = await endpoint('Narrow', plain.url, 8)
    const large = await endpoint('Large', wordy.url, 64)
    const run = createRunner(host, async (batch) => {
      const { batch_id } = await client.host.batch.submit({ command_id: randomUUID(), batch })
      return batch_id
    })
    const label = (n: number) => `Label request ${n}: ${'the words of a ticket that somebody wrote. '.repeat(13)}`

    const baseline = await run.toEnd(await run.submit(36_000, label, wide, 8))
    const stress = await run.toEnd(await run.submit(2000, (n) => `${n} ${'x'.repeat(60_000)}`, large, 64))
    const atOnce: number[] = []
    for (const [limit, count] of [
      [1, 120],
      [8, 900],
      [64, 6000],
      [256, 12_000],
    ] as const)
      atOnce.push((await run.toEnd(await run.submit(count, label, wide, limit))).perSecond / ((limit * 1000) / ANSWER_MS))

    const long = await run.submit(6000, label, narrow, 8)
    const urgent = await run.submit(1500, label, narrow, 8)
    await client.host.batch.change({ batch_id: urgent, change: { deadline: Date.now() + 30_000 } })
    const [urgentCourse] = await Promise.all([run.toEnd(urgent), run.toEnd(long)])

    return [
      rate('baseline: requests/s of 8 at once', baseline, 8),
      etaError('baseline', baseline),
      {
        bench: 'batch-scenarios',
        metric: 'memory stress: 2,000 requests of 60 kB with answers of 45 kB, most memory of the host against the baseline',
        value: stress.peakBytes / MEGABYTE,
        unit: 'MB',
        baseline: baseline.peakBytes / MEGABYTE,
        bar: '≤ 115 MB more, the size of the file',
        ok: stress.peakBytes - baseline.peakBytes <= 115 * MEGABYTE,
      },
      {
        bench: 'batch-scenarios',
        metric: 'concurrency: the least share of what 1, 8, 64 and 256 at once could do',
        value: 100 * Math.min(...atOnce),
        unit: '%',
        bar: '≥ 60 %',
        ok: Math.min(...atOnce) >= 0.6,
      },
      {
        bench: 'batch-scenarios',
        metric: 'SLA: a short batch behind a long one, due in 30 s where alone it takes 10 s, meets its deadline',
        value: urgentCourse.verdict === 'met' ? 1 : 0,
        unit: 'met',
        bar: '1',
        ok: urgentCourse.verdict === 'met',
      },
      ...(await conversations(run, host)),
    ]
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

function rate(metric: string, course: Course, atOnce: number): Figure {
  const ideal = (atOnce * 1000) / ANSWER_MS
  const ratio = course.perSecond / ideal
  return {
    bench: 'batch-scenarios',
    metric,
    value: course.perSecond,
    unit: 'requests/s',
    baseline: ideal,
    ratio,
    bar: '≥ 0.8 of what the server can answer',
    ok: ratio >= 0.8,
  }
}

function etaError(scenario: string, { etaError: error = Number.NaN }: Course): Figure {
  return {
    bench: 'batch-scenarios',
    metric: `${scenario}: median error of the shown end from 20 % on`,
    value: 100 * error,
    unit: '% of the time left',
    bar: '< 10 %',
    ok: error < 0.1,
  }
}

/** Real questions on the real model of this machine. */
async function conversations(run: ReturnType<typeof createRunner>, host: RunningHost): Promise<Figure[]> {
  const packed = await readFile(CONVERSATIONS).catch(() => undefined)
  if (!packed)
    return [{ ...etaError('real questions, not measured: the evaluation data is not there', NOTHING), value: 0, ok: true }]
  const lines = gunzipSync(packed).toString().split('\n', 320)
  const prompts = lines.map((line) => question.parse(JSON.parse(line)).prompt)
  const model = await servedModel(host)
  const course = await run.toEnd(await run.submit(prompts.length, (n) => prompts[n] ?? '', 'embedded', 4, model, 24))
  return [etaError('320 real questions on the built-in model', course)]
}

const NOTHING: Course = { perSecond: 0, etaError: undefined, verdict: '', peakBytes: 0 }

/** The built-in model, once it is there. */
async function servedModel(host: RunningHost): Promise<string> {
  const models = z.object({ data: z.array(z.object({ id: z.string(), owned_by: z.string() })) })
  for (;;) {
    const { data } = models.parse(await ask(host, '/v1/models'))
    const found = data.find(({ owned_by, id }) => owned_by === 'embedded' && /instruct/i.test(id))
    if (found) return found.id
    await pause(LOOK_MS)
  }
}

function createRunner(host: RunningHost, submit: (batch: SubmitBatch) => Promise<string>) {
  return {
    async submit(count: number, prompt: (n: number) => string, engine_id: string, atOnce: number, model = 'small', most = 64) {
      const lines = Array.from({ length: count }, (_, n) => {
        const body = { model, messages: [{ role: 'user', content: prompt(n) }], max_tokens: most }
        return JSON.stringify({ custom_id: `row-${n}`, method: 'POST', url: '/v1/chat/completions', body })
      })
      const form = new FormData()
      form.set('purpose', 'batch')
      form.set('file', new Blob([`${lines.join('\n')}\n`]), 'scenario.jsonl')
      const { id } = stored.parse(await ask(host, '/v1/files', { method: 'POST', body: form }))
      const settings = { max_concurrency: atOnce, adaptive_concurrency: false }
      return await submit({ input_file_id: id, endpoint: '/v1/chat/completions', engine_id, settings })
    },

    /** Watches a batch to its end. */
    async toEnd(batchId: string): Promise<Course> {
      const shown = new Map<number, { readonly left: number; readonly progress: number }>()
      let [first, last, peakBytes] = [0, 0, 0]
      for (;;) {
        const { status, request_counts: counts } = counted.parse(await ask(host, `/v1/batches/${batchId}`))
        const sla = picture.parse(await ask(host, `/v1/batches/${batchId}/sla`))
        const done = counts.completed + counts.failed
        if (done > 0 && first === 0) first = Date.now()
        if (counts.total > 0 && done === counts.total && last === 0) last = Date.now()
        peakBytes = Math.max(peakBytes, await memoryOf(host.pid))
        if (sla.eta?.source === 'measured') shown.set(sla.eta.at, { left: sla.eta.p50_ms, progress: done / counts.total })
        if (status === 'completed') {
          const errors = [...shown]
            .filter(([at, { progress }]) => progress >= FROM_PROGRESS && at < last)
            .map(([at, { left }]) => Math.abs(left - (last - at)) / (last - at))
          return {
            perSecond: perSecond(counts.total, last - first),
            etaError: errors.length > 0 ? median(errors) : undefined,
            verdict: sla.state,
            peakBytes,
          }
        }
        if (status !== 'validating' && status !== 'in_progress' && status !== 'finalizing')
          throw new Error(`Batch ${batchId} ended as ${status}.`)
        await pause(LOOK_MS)
      }
    },
  }
}

async function ask({ gateway }: RunningHost, path: string, init: RequestInit = {}): Promise<unknown> {
  if (!gateway) throw new Error('The host serves no HTTP API.')
  const answer = await fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${gateway.token}` } })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  return await answer.json()
}

/** Resident memory of a process, as Linux tells it. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024
}
