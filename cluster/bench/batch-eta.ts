import { accuracy, fitFactor } from '../domain/batch/calibration.ts'
import { JOB_KINDS, playJob, type JobKind, type MadeUpJob } from './batch-jobs.ts'
import { replay, type Shown } from './batch-replay.ts'
import { drawWorkload, earliestDeadlineFirst, missedDeadlines, ours } from './batch-workloads.ts'
import { median, type Figure } from './report.ts'

const JOBS = 200
const WORKLOADS = 1000
/** Seeds of the jobs that a model has behind it; those that are measured have others. */
const PAST = 100_000

/** How near the shown end is to the real one, over made-up jobs of each kind, and whether the claim order keeps what can be kept. */
export function benchBatchEta(): Promise<readonly Figure[]> {
  const kinds = JOB_KINDS.map(measureKind)
  const all = kinds.flatMap((kind) => kind.withOneModel())
  return Promise.resolve([
    ...kinds.flatMap((kind) => kind.figures),
    byP90(`${JOBS} jobs of each kind on one model`, all),
    workloads('all known from the start', false, 0),
    workloads('arriving unannounced', true, 0.01),
  ])

  function measureKind(kind: JobKind) {
    const past = shownOf(playJobs(kind, PAST), 1)
    const jobs = playJobs(kind, 1)
    return {
      figures: [errorOf(kind, jobs), byP90(`${JOBS} ${kind} jobs, a model of their own`, steps(jobs, fitFactor(past)))],
      past,
      // One factor for all kinds, as a model that runs all of them has it.
      withOneModel: () => steps(jobs, factorOfAll()),
    }
  }

  function factorOfAll(): number {
    return fitFactor(kinds.flatMap((kind) => kind.past))
  }
}

function playJobs(kind: JobKind, firstSeed: number): readonly MadeUpJob[] {
  return Array.from({ length: JOBS }, (_, index) => playJob(kind, firstSeed + index))
}

/** What a log keeps of each job: what was shown at each twentieth of its progress. */
function steps(jobs: readonly MadeUpJob[], factor: number): readonly (readonly Shown[])[] {
  return jobs.map((job) => {
    const twentieths = new Set<number>()
    return replay(job, factor).filter(({ progress }) => {
      const twentieth = Math.floor(progress * 20)
      return !twentieths.has(twentieth) && twentieths.add(twentieth)
    })
  })
}

function shownOf(jobs: readonly MadeUpJob[], factor: number): readonly Shown[] {
  return steps(jobs, factor).flat()
}

function errorOf(kind: JobKind, jobs: readonly MadeUpJob[]): Figure {
  const errors = (left: (shown: Shown) => number) =>
    median(jobs.map((job) => median(replay(job, 1).map((shown) => Math.abs(left(shown) - shown.actual_ms) / shown.actual_ms))))
  const value = errors((shown) => shown.p50_ms)
  const baseline = errors((shown) => shown.naive_ms)
  const ratio = value / baseline
  return {
    bench: 'batch-eta',
    metric: `${kind}: median error of P50 from 20 % on, against elapsed / progress`,
    value: 100 * value,
    unit: '% of the time left',
    baseline: 100 * baseline,
    ratio,
    ...(kind === 'step' ? { bar: 'ratio ≤ 0.6', ok: ratio <= 0.6 } : { bar: '< 10 %', ok: value < 0.1 }),
  }
}

function byP90(what: string, jobs: readonly (readonly Shown[])[]): Figure {
  const value = accuracy(jobs.flat())?.shareByP90 ?? 0
  return {
    bench: 'batch-eta',
    metric: `${what}: done by the shown P90`,
    value: 100 * value,
    unit: '%',
    bar: '85–95 %',
    ok: value >= 0.85 && value <= 0.95,
  }
}

function workloads(what: string, staggered: boolean, mostShare: number): Figure {
  let kept = 0
  let batches = 0
  let missed = 0
  for (let seed = 1; kept < WORKLOADS; seed += 1) {
    const workload = drawWorkload(seed, staggered)
    if (missedDeadlines(workload, earliestDeadlineFirst) > 0) continue
    kept += 1
    batches += workload.batches.length
    missed += missedDeadlines(workload, ours)
  }
  return {
    bench: 'batch-eta',
    metric: `${WORKLOADS} workloads that hold by earliest deadline, ${what}: missed of ${batches} deadlines`,
    value: missed,
    unit: 'batches',
    baseline: 0,
    bar: mostShare === 0 ? '0' : `≤ ${100 * mostShare} %: whoever is ever fair cannot know what comes`,
    ok: missed <= mostShare * batches,
  }
}
