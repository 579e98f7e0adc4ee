import { ageAt, takeUpAge, type Age } from '../../domain/batch/age.ts'
import type { BatchState } from '../../domain/batch/state.ts'
import type { Clock } from '../../ports/clock.ts'

/** What time it is for a batch: since its submit by a clock that nobody sets, so that no jump of the time of day expires it. */
export interface BatchTimes {
  now(state: BatchState): number
  age(state: BatchState): number
  /** Milliseconds by a clock that runs through sleep and cannot be set. */
  uptime(): number
  forget(batchId: string): void
}

export function createBatchTimes(clock: Clock, uptime: () => number): BatchTimes {
  const ages = new Map<string, Age>()
  function age(state: BatchState): number {
    const known = ages.get(state.spec.batch_id)
    const taken =
      known ??
      takeUpAge(
        {
          acceptedAt: state.submittedAt,
          lastSeenAt: Math.max(
            state.submittedAt,
            state.startedAt ?? 0,
            state.pause?.at ?? 0,
            state.eta?.at ?? 0,
            state.sla.since,
          ),
          now: clock.now(),
        },
        uptime(),
      )
    if (!known) ages.set(state.spec.batch_id, taken)
    return ageAt(taken, uptime())
  }
  return {
    now: (state) => state.submittedAt + age(state),
    age,
    uptime,
    forget: (batchId) => void ages.delete(batchId),
  }
}
