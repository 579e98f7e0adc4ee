/** What is looked at to see whether the plane is overloaded. Shares 0–1; null = not known, never guessed. */
export interface Load {
  readonly queueShare: number
  /** The least (time left − P90) of the batches of HIGH priority, in milliseconds. */
  readonly leastMarginMs: number | null
  readonly gpuMemoryShare: number | null
  /** Of the requests that ended in the last 5 minutes. */
  readonly errorShare: number
  /** Engines that have more running than their own limit. */
  readonly enginesOver: readonly string[]
}

export const SHEDDING_ACTIONS = ['defer_low', 'halve_batches', 'lower_concurrency', 'reject_new', 'escalate'] as const
export type SheddingAction = (typeof SHEDDING_ACTIONS)[number]

/** How far shedding has gone: the first `level` actions are in force. Times by a monotonic clock. */
export interface Shedding {
  readonly level: number
  readonly why: readonly string[]
  /** Since when anything is in force, or since a person looked at it. */
  readonly sinceMs: number
  readonly checkedMs: number
}

export const NOT_SHEDDING: Shedding = { level: 0, why: [], sinceMs: 0, checkedMs: 0 }

const QUEUE_SHARE = 0.8
const LEAST_MARGIN_MS = 7_200_000
const GPU_MEMORY_SHARE = 0.95
const ERROR_SHARE = 0.05
const CHECK_MS = 300_000
const LONGEST_ALONE_MS = 3_600_000
const LEAST_BATCH_SIZE = 16

/** Why the plane sheds load, each in words; none where it need not. */
export function sheddingReasons(load: Load): readonly string[] {
  const reasons: string[] = []
  if (load.queueShare > QUEUE_SHARE) reasons.push(`the queue is ${percent(load.queueShare)} full`)
  if (load.leastMarginMs !== null && load.leastMarginMs < LEAST_MARGIN_MS)
    reasons.push(`a batch of high priority has ${hours(load.leastMarginMs)} to spare at worst`)
  if (load.gpuMemoryShare !== null && load.gpuMemoryShare > GPU_MEMORY_SHARE)
    reasons.push(`GPU memory is ${percent(load.gpuMemoryShare)} full`)
  if (load.errorShare > ERROR_SHARE) reasons.push(`${percent(load.errorShare)} of the requests of 5 minutes failed`)
  for (const engine of load.enginesOver) reasons.push(`${engine} runs more than its limit`)
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
    return { ...state, level: SHEDDING_ACTIONS.length, why: [...why, 'it has lasted for an hour'], checkedMs: nowMs }
  if (nowMs - state.checkedMs < CHECK_MS) return state
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

/** Rows per engine batch while batches are halved; never below 16, nor above what it was. */
export function halvedBatchSize(size: number): number {
  return Math.min(size, Math.max(LEAST_BATCH_SIZE, Math.floor(size / 2)))
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function hours(ms: number): string {
  return ms < 0 ? 'nothing' : `${(ms / 3_600_000).toFixed(1)} h`
}
