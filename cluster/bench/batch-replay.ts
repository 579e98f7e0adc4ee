import type { ShownAndActual } from '../domain/batch/calibration.ts'
import { doubtOf, measuredEta, remainingWork, withFailures } from '../domain/batch/eta.ts'
import { measure, planningRate, startRates } from '../domain/batch/rate.ts'
import { TICK_MS, type MadeUpJob } from './batch-jobs.ts'

/** What was shown at one tick, beside what elapsed / progress would have said. */
export interface Shown extends ShownAndActual {
  readonly progress: number
  readonly naive_ms: number
}

/** What the estimator shows of a job at each tick from `fromProgress` of its requests on. */
export function replay(job: MadeUpJob, factor: number, fromProgress = 0.2): readonly Shown[] {
  const shown: Shown[] = []
  let rates = startRates('tokens')
  let tokens = 0
  for (const tick of job.ticks) {
    rates = measure(rates, { ms: TICK_MS, units: tick.tokens - tokens })
    tokens = tick.tokens
    const finished = tick.completed + tick.failed
    const progress = finished / job.requests
    if (progress < fromProgress || tick.ms >= job.endMs) continue
    const mean = tick.tokens / Math.max(1, tick.completed)
    const completed = { count: tick.completed, mean, variance: tick.squares / Math.max(1, tick.completed) - mean ** 2 }
    const left = job.requests - finished
    const statistics = withFailures(completed, tick.failed)
    const rate = planningRate(rates)
    const eta = measuredEta({ at: tick.ms, left, finished: statistics, rate, activeMs: rates.activeMs, factor })
    if (!eta) continue
    const doubt = doubtOf(remainingWork(left, statistics), rate)
    const naive_ms = (tick.ms * (1 - progress)) / progress
    shown.push({ p50_ms: eta.p50_ms, p90_ms: eta.p90_ms, factor, doubt, actual_ms: job.endMs - tick.ms, progress, naive_ms })
  }
  return shown
}
