import { timeLeft, type RemainingWork } from './eta.ts'
import type { PlanningRate } from './rate.ts'
import type { BatchEta, Forecast, Remedy } from './types.ts'

/** What a batch is like now, for the question what would happen if. */
export interface Course {
  readonly at: number
  readonly deadline: number
  readonly requestsLeft: number
  readonly work: RemainingWork
  readonly rate: PlanningRate
  readonly factor: number
  readonly isMeasured: boolean
  /** The end as it was estimated while nothing is measured; null once something is. */
  readonly estimate: BatchEta | null
  /** Requests at once now, and up to where more of them got more done; `knee` null where that was not found yet. */
  readonly concurrency: number
  readonly knee: number | null
  /** Mean input tokens of a request that is left. */
  readonly tokensIn: number
  readonly price: Price
}

/** Micro-dollars per million tokens. */
export interface Price {
  readonly price_in: number
  readonly price_out: number
}

/** What is known around the batch: engines that may take over requests, and batches that share its model. */
export interface Surroundings {
  readonly engines: readonly {
    readonly engine_id: string
    readonly model: string
    /** Units per second of it, free for this batch; null where never measured. */
    readonly rate: number | null
    readonly price: Price | null
    readonly startMs: number
  }[]
  readonly others: readonly {
    readonly batch_id: string
    readonly name: string
    readonly rate: number
  }[]
}

type Left = ReturnType<typeof timeLeft>

/** The end as it runs now, first, then with each remedy: all on one axis, from the same work, rate and factor. */
export function forecasts(course: Course, around: Surroundings, remedies: readonly Remedy[]): readonly Forecast[] {
  const now: Forecast = {
    remedy: null,
    title: 'As it runs now',
    eta: asItRuns(course),
    deadline: course.deadline,
    extra_cost_micro_usd: 0,
    basis: course.estimate
      ? 'estimated; too little measured yet'
      : `${course.concurrency} at once, ${perSecond(course.rate.rate)}`,
  }
  return [now, ...remedies.map((remedy) => withRemedy(course, around, remedy))]
}

function withRemedy(course: Course, around: Surroundings, remedy: Remedy): Forecast {
  switch (remedy.kind) {
    case 'concurrency':
      return moreAtOnce(course, remedy)
    case 'overflow':
      return overflow(course, around, remedy)
    case 'pause_other':
      return pauseOther(course, around, remedy)
    case 'deadline':
      return {
        remedy,
        title: 'A later deadline',
        eta: asItRuns(course),
        deadline: remedy.deadline,
        extra_cost_micro_usd: 0,
        basis: `${span(remedy.deadline - course.deadline)} more; it runs as now`,
      }
  }
}

/** The rate grows with the number at once up to the knee, and not beyond. */
function moreAtOnce(course: Course, remedy: Extract<Remedy, { kind: 'concurrency' }>): Forecast {
  const of = useful(course, remedy.limit)
  const isCapped = of < remedy.limit
  return {
    remedy,
    title: `${remedy.limit} requests at once`,
    eta: etaOf(course, left(course, scale(course, of))),
    deadline: course.deadline,
    extra_cost_micro_usd: 0,
    basis: isCapped
      ? `its engine got nothing more done above ${of} at once`
      : course.knee === null
        ? 'if its engine gets as much more done as it is given; that has not been tried yet'
        : `${of} instead of ${course.concurrency}; its engine got more done up to ${course.knee}`,
  }
}

/** The last requests run elsewhere at the same time: it is done when both are. */
function overflow(course: Course, around: Surroundings, remedy: Extract<Remedy, { kind: 'overflow' }>): Forecast {
  const moved = Math.min(remedy.requests, course.requestsLeft)
  const share = course.requestsLeft > 0 ? moved / course.requestsLeft : 0
  const engine = around.engines.find((each) => each.engine_id === remedy.engine_id && each.model === remedy.model)
  const row = { remedy, title: `${moved} requests to ${remedy.model}`, deadline: course.deadline }
  if (!engine)
    return {
      ...row,
      eta: null,
      extra_cost_micro_usd: null,
      basis: `unknown, because no engine ${remedy.engine_id} serves ${remedy.model}`,
    }
  const price = engine.price
  const extra = price && Math.ceil((moved * (costOf(course, price) - costOf(course, course.price))) / 1e6)
  if (engine.rate === null || engine.rate <= 0)
    return {
      ...row,
      eta: null,
      extra_cost_micro_usd: extra,
      basis: `unknown, because the rate of ${remedy.model} has not been measured`,
    }
  const stays = left({ ...course, work: part(course.work, 1 - share) })
  // Of a rate that was measured on other work the doubt is taken to be that of this one, in proportion.
  const doubt = course.rate.rate > 0 ? course.rate.deviation / course.rate.rate : 0
  const there: PlanningRate = { rate: engine.rate, deviation: doubt * engine.rate, samples: course.rate.samples }
  const goes = later(left({ ...course, work: part(course.work, share) }, there), engine.startMs)
  return {
    ...row,
    eta: etaOf(
      course,
      stays && goes && { p50_ms: Math.max(stays.p50_ms, goes.p50_ms), p90_ms: Math.max(stays.p90_ms, goes.p90_ms) },
    ),
    extra_cost_micro_usd: extra,
    basis: `${remedy.engine_id} at ${perSecond(engine.rate)}; answers as long as here`,
  }
}

/** What the other had is this one's: its slots, and the rate that went with them. */
function pauseOther(course: Course, around: Surroundings, remedy: Extract<Remedy, { kind: 'pause_other' }>): Forecast {
  const other = around.others.find((each) => each.batch_id === remedy.batch_id)
  const row = { remedy, deadline: course.deadline, extra_cost_micro_usd: 0 }
  if (!other)
    return {
      ...row,
      title: 'Pause another batch',
      eta: null,
      basis: `unknown, because ${remedy.batch_id} does not run on this model`,
    }
  return {
    ...row,
    title: `Pause ${other.name}`,
    eta: etaOf(course, left(course, { ...course.rate, rate: course.rate.rate + other.rate })),
    basis: `its ${perSecond(other.rate)} go to this batch; it waits until this one is done`,
  }
}

function asItRuns(course: Course): BatchEta | null {
  return course.estimate ?? etaOf(course, left(course))
}

function useful(course: Course, limit: number): number {
  return course.knee === null ? limit : Math.min(limit, Math.max(course.knee, course.concurrency))
}

function scale({ rate, concurrency }: Course, limit: number): PlanningRate {
  const by = concurrency > 0 ? limit / concurrency : 1
  return { ...rate, rate: rate.rate * by, deviation: rate.deviation * by }
}

function left(course: Course, rate: PlanningRate = course.rate): Left {
  return timeLeft(course.work, rate, course.factor)
}

function later(time: Left, ms: number): Left {
  return time && time.p90_ms > 0 ? { p50_ms: time.p50_ms + ms, p90_ms: time.p90_ms + ms } : time
}

function part(work: RemainingWork, share: number): RemainingWork {
  return { units: work.units * share, deviation: work.deviation * share }
}

function etaOf(course: Course, time: Left): BatchEta | null {
  const whole = later(time, aheadOf(course))
  return whole && { at: course.at, ...whole, source: course.isMeasured ? 'measured' : 'estimate' }
}

/** What an estimate holds beside the work itself, such as the wait for a slot: no remedy of the work shortens it. */
function aheadOf(course: Course): number {
  const own = left(course)
  return course.estimate === null || own === null ? 0 : Math.max(0, course.estimate.p50_ms - own.p50_ms)
}

/** Of one request, times a million. */
function costOf({ tokensIn, work, requestsLeft }: Course, price: Price): number {
  const tokensOut = requestsLeft > 0 ? work.units / requestsLeft : 0
  return tokensIn * price.price_in + tokensOut * price.price_out
}

function perSecond(rate: number): string {
  return `${rate >= 10 ? Math.round(rate) : Number(rate.toFixed(2))} a second`
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 60 ? `${minutes} m` : `${Number((minutes / 60).toFixed(1))} h`
}
