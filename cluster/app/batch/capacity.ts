import type { BatchSettings } from '../../messages/batch.ts'
import type { Lane } from './lanes.ts'

export interface Capacity {
  readonly limit: number
  /** What set it. */
  readonly why: string
}

/** Requests of a batch that may run at once. `isLowered`: half of what it would be, while load is shed. */
export function capacityOf(lane: Lane, settings: BatchSettings | undefined, isLowered: boolean): Capacity {
  const asked = settings?.max_concurrency
  const most = lowered(asked ?? lane.parallel, isLowered)
  if (settings?.adaptive_concurrency && lane.concurrency.limit < most)
    return { limit: lane.concurrency.limit, why: lane.concurrency.why }
  if (isLowered) return { limit: most, why: 'Half of its limit, while load is shed.' }
  return { limit: most, why: asked === undefined ? 'What its engine takes.' : 'Set by the operator.' }
}

/** Requests of all its batches that may run on a lane at once: what its engine takes, or what one of them asks for. */
export function ceilingOf(lane: Lane, settings: readonly (BatchSettings | undefined)[], isLowered: boolean): number {
  return lowered(Math.max(lane.parallel, ...settings.map((each) => each?.max_concurrency ?? 0)), isLowered)
}

function lowered(limit: number, isLowered: boolean): number {
  return isLowered ? Math.ceil(limit / 2) : limit
}
