import type { BatchHold } from './types.ts'

/** A batch in the order in which batches are served. */
export interface Queued {
  readonly batchId: string
  readonly model: string
  /** Units that it has left. */
  readonly unitsLeft: number
  readonly isRunning: boolean
}

export interface QueuePlace {
  /** 1 = next to start, over all models. */
  readonly position: number
  /** Batches on the same model that are served before it, running ones included. */
  readonly ahead: number
  /** Milliseconds until it starts; null where waiting never ends, or no rate is known. */
  readonly waitMs: number | null
  readonly message: string
}

/**
 * Where a waiting batch stands: wait = Σ W of the batches ahead on the same model / the model's rate, plus the cold start
 * (methods A1). Undefined for one that runs or is not in the queue.
 */
export function placeInQueue(
  batchId: string,
  queue: readonly Queued[],
  model: { readonly rate: number | null; readonly coldStartMs: number },
  hold: BatchHold | null,
): QueuePlace | undefined {
  const index = queue.findIndex((each) => each.batchId === batchId)
  const own = queue[index]
  if (!own || own.isRunning) return undefined
  const before = queue.slice(0, index)
  const sameModel = before.filter((each) => each.model === own.model)
  const position = before.filter((each) => !each.isRunning).length + 1
  const of = queue.filter((each) => !each.isRunning).length
  const units = sameModel.reduce((sum, each) => sum + each.unitsLeft, 0)
  const where = `Number ${position} of ${of} that wait, ${sameModel.length} ahead on its model`
  const place = { position, ahead: sameModel.length }
  if (hold && !hold.cured_by_waiting)
    return { ...place, waitMs: null, message: `${where}. It will not start by waiting: ${hold.message}` }
  if (units > 0 && (model.rate === null || model.rate <= 0))
    return {
      ...place,
      waitMs: null,
      message: `${where}. The wait is unknown, because no rate of its model has been measured yet.`,
    }
  const waitMs = (units > 0 && model.rate ? (units / model.rate) * 1000 : 0) + model.coldStartMs
  return { ...place, waitMs, message: `${where}, about ${Math.max(1, Math.round(waitMs / 60_000))} min.` }
}
