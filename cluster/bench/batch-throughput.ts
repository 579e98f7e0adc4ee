import { runPlane, runRaw, startStandIn, withFolder, type PlaneCounts, type PlaneEnd } from './batch-plane.ts'
import { median, perSecond, type Figure } from './report.ts'

const UPSTREAM_MS = 50
const CONCURRENCY = 256
const REQUESTS = 20_000
const ROUNDS = 5
const ADAPTIVE_REQUESTS = 300_000
const ADAPTIVE_AFTER_MS = 30_000
const ADAPTIVE_FOR_MS = 15_000
const FEW = 1000
const MANY = 50_000
const MEGABYTE = 1024 * 1024

/** Batches over durable stores against a bare undici loop on the same stand-in server, in turn. */
export async function benchBatchThroughput(): Promise<readonly Figure[]> {
  const server = await startStandIn(UPSTREAM_MS)
  try {
    const fixed = await benchFixed(server.url)
    return [fixed, await benchAdaptive(server.url), await benchMemory(server.url)]
  } finally {
    server.stop()
  }
}

async function benchFixed(url: string): Promise<Figure> {
  const rounds: { ours: number; raw: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const raw = await runRaw(url, REQUESTS, CONCURRENCY)
    const ours = await runWhole(url, REQUESTS)
    rounds.push({ ours: perSecond(REQUESTS, ours.runMs), raw: perSecond(REQUESTS, raw) })
  }
  const ratio = median(rounds.map(({ ours, raw }) => ours / raw))
  return {
    bench: 'batch-throughput',
    metric: `requests/s at ${CONCURRENCY} at once, ${REQUESTS} with durable outcomes, ${UPSTREAM_MS} ms server`,
    value: median(rounds.map(({ ours }) => ours)),
    unit: 'requests/s',
    baseline: median(rounds.map(({ raw }) => raw)),
    ratio,
    bar: '≥ 0.8 of a bare undici loop',
    ok: ratio >= 0.8,
  }
}

/** The number at once left to the plane: what it gets done from 30 s on, against the best fixed number in the same time. */
async function benchAdaptive(url: string): Promise<Figure> {
  const adaptive = await rateAfter(url, 'adaptive')
  const fixed = await rateAfter(url, 'fixed')
  const ratio = adaptive / fixed
  return {
    bench: 'batch-throughput',
    metric: `requests/s from 30 s on, the number at once left to the plane (up to ${CONCURRENCY})`,
    value: adaptive,
    unit: 'requests/s',
    baseline: fixed,
    ratio,
    bar: '≥ 0.9 of the best fixed number',
    ok: ratio >= 0.9,
  }
}

async function rateAfter(url: string, mode: 'fixed' | 'adaptive'): Promise<number> {
  return await withFolder(async (folder) => {
    let first: PlaneCounts | undefined
    const seen: PlaneCounts[] = []
    const plane = runPlane(folder, url, ADAPTIVE_REQUESTS, CONCURRENCY, mode, (counts) => {
      if (counts.completed === 0) return
      first ??= counts
      if (counts.at - first.at >= ADAPTIVE_AFTER_MS) seen.push(counts)
    })
    const isMeasured = (): boolean => (seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0) >= ADAPTIVE_FOR_MS
    const progress = { isOver: false }
    void plane.ended.then(() => (progress.isOver = true))
    while (!isMeasured() && !progress.isOver) await new Promise((resolve) => setTimeout(resolve, 200))
    await plane.kill()
    const [from, to] = [seen[0], seen.at(-1)]
    if (!from || !to || to.at === from.at) throw new Error('The batch ended before it could be measured.')
    return perSecond(to.completed - from.completed, to.at - from.at)
  })
}

async function benchMemory(url: string): Promise<Figure> {
  const few = (await runWhole(url, FEW)).peakBytes / MEGABYTE
  const many = (await runWhole(url, MANY)).peakBytes / MEGABYTE
  return {
    bench: 'batch-throughput',
    metric: `most memory of the process, ${MANY} requests against ${FEW}`,
    value: many,
    unit: 'MB',
    baseline: few,
    ratio: many / few,
    bar: 'within 50 MB',
    ok: Math.abs(many - few) <= 50,
  }
}

async function runWhole(url: string, count: number): Promise<PlaneEnd> {
  const end = await withFolder((folder) => runPlane(folder, url, count, CONCURRENCY, 'fixed').ended)
  if (end?.data.counts.completed !== count)
    throw new Error(`Of ${count} requests ${end?.data.counts.completed ?? 0} were answered.`)
  return end
}
