/** What is looked at to see whether the plane is overloaded. Shares 0–1; null = not known, never guessed. */
export interface Load {
  readonly queueShare: number
  /** The least of the `shortMargin`s of the batches of HIGH priority, in milliseconds. */
  readonly leastMarginMs: number | null
  readonly gpuMemoryShare: number | null
  /** Of the requests that ended in the last 5 minutes; null where too few did. */
  readonly errorShare: number | null
  /** Engines that have more running than their own limit. */
  readonly enginesOver: readonly string[]
}

/** Mildest first. Nothing is grouped on its way to an engine, so there is no size of groups to halve between the first two. */
export const SHEDDING_ACTIONS = ['defer_low', 'lower_concurrency', 'reject_new', 'escalate'] as const
export type SheddingAction = (typeof SHEDDING_ACTIONS)[number]

export const SHEDDING_CODES = ['queue', 'margin', 'gpu_memory', 'errors', 'engine_over', 'duration'] as const

/** Why load is shed. `margin`: a deadline is short; `duration`: it has been so for an hour. */
export interface SheddingReason {
  readonly code: (typeof SHEDDING_CODES)[number]
  readonly message: string
}

/** How far shedding has gone: the first `level` actions are in force. Times by a monotonic clock. */
export interface Shedding {
  readonly level: number
  readonly why: readonly SheddingReason[]
  /** Since when anything is in force, or since a person looked at it. */
  readonly sinceMs: number
  readonly checkedMs: number
}

export const NOT_SHEDDING: Shedding = { level: 0, why: [], sinceMs: 0, checkedMs: 0 }

const QUEUE_SHARE = 0.8
const LEAST_MARGIN_MS = 7_200_000
const GPU_MEMORY_SHARE = 0.95
const ERROR_SHARE = 0.05
export const SHEDDING_CHECK_MS = 300_000
const LONGEST_ALONE_MS = 3_600_000

/**
 * What a batch has to spare at worst (time left − P90), where that is short for it; null where it is not. Everything has less than 2 h to
 * spare within 2 h of its deadline, and a window of an hour never had more: a margin is short only while it is less than the work that it
 * is there for (P90), so that ten minutes of work in an hour are no alarm. What is late already is not cured by others waiting.
 */
export function shortMargin(leftMs: number, p90Ms: number): number | null {
  const margin = leftMs - p90Ms
  return leftMs > 0 && margin < p90Ms ? margin : null
}

/** Why the plane sheds load, each in words; none where it need not. */
export function sheddingReasons(load: Load): readonly SheddingReason[] {
  const { queueShare, leastMarginMs, gpuMemoryShare, errorShare, enginesOver } = load
  const reasons: SheddingReason[] = []
  const because = (code: SheddingReason['code'], message: string) => reasons.push({ code, message })
  if (queueShare > QUEUE_SHARE) because('queue', `the queue is ${percent(queueShare)} full`)
  if (leastMarginMs !== null && leastMarginMs < LEAST_MARGIN_MS)
    because('margin', `a batch of high priority has ${hours(leastMarginMs)} to spare at worst`)
  if (gpuMemoryShare !== null && gpuMemoryShare > GPU_MEMORY_SHARE)
    because('gpu_memory', `GPU memory is ${percent(gpuMemoryShare)} full`)
  if (errorShare !== null && errorShare > ERROR_SHARE)
    because('errors', `${percent(errorShare)} of the requests of the last 5 minutes failed`)
  for (const engine of enginesOver) because('engine_over', `${engine} runs more than its limit`)
  return reasons
}

/**
 * One look: the first action at once, then every 300 s one more while a reason holds, one less while none does. What has been in force for
 * an hour without a person is escalated to one, whatever the level.
 */
export function shed(state: Shedding, load: Load, nowMs: number): Shedding {
  const why = sheddingReasons(load)
  if (state.level === 0) return why.length === 0 ? state : { level: 1, why, sinceMs: nowMs, checkedMs: nowMs }
  if (nowMs - state.sinceMs >= LONGEST_ALONE_MS && state.level < SHEDDING_ACTIONS.length)
    return {
      ...state,
      level: SHEDDING_ACTIONS.length,
      why: [...why, { code: 'duration', message: 'it has lasted for an hour' }],
      checkedMs: nowMs,
    }
  if (nowMs - state.checkedMs < SHEDDING_CHECK_MS) return state
  if (why.length === 0) return state.level === 1 ? NOT_SHEDDING : { ...state, level: state.level - 1, checkedMs: nowMs }
  return { ...state, level: Math.min(SHEDDING_ACTIONS.length, state.level + 1), why, checkedMs: nowMs }
}

/** A person has seen it: what only called for one is over, and the hour begins anew. */
export function acknowledgeShedding(state: Shedding, nowMs: number): Shedding {
  return state.level === 0 ? state : { ...state, level: Math.min(state.level, SHEDDING_ACTIONS.length - 1), sinceMs: nowMs }
}

/** The actions in force, mildest first. */
export function sheddingActions({ level }: Shedding): readonly SheddingAction[] {
  return SHEDDING_ACTIONS.slice(0, level)
}

/** Whether fewer requests at once are run. Not where nothing but a deadline is short: that would make it shorter. */
export function lowersConcurrency(state: Shedding): boolean {
  const isInForce = sheddingActions(state).includes('lower_concurrency')
  return isInForce && state.why.some(({ code }) => code !== 'margin' && code !== 'duration')
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function hours(ms: number): string {
  if (ms < 0) return 'nothing'
  return ms < 3_600_000 ? `${Math.floor(ms / 60_000)} m` : `${(ms / 3_600_000).toFixed(1)} h`
}
