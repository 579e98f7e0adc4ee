import { claimable, claimOrder, type Claimant } from '../../../domain/batch/claim-order.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { BatchRun } from './batch-run.ts'
import type { Lane } from './lanes.ts'
import type { BatchStates } from '../states.ts'

/** In which order the batches of a lane claim. */
export interface Ranking {
  /** Those that may claim, best first: ranked among all now and then, and among the first few at each claim. */
  order(lane: Lane, now: number): readonly BatchRun[]
  /** A batch as the order of claims sees it. */
  claimant(run: BatchRun, lane: Lane, now: number): Claimant
  /** Batches that wait on its lane before it; undefined where it waits for something else. */
  ahead(run: BatchRun): number | undefined
  /** P50 of its remaining work at full capacity, in seconds. */
  setWork(batchId: string, seconds: number | null): void
  /** A request of the tenant began (1) or ended (-1). */
  count(tenant: string, step: 1 | -1): void
  forget(batchId: string): void
  /** What it rests on has changed. */
  clear(): void
}

const RANKED_FOR_MS = 1000

export function createRanking(
  { states, clock }: { readonly states: BatchStates; readonly clock: Clock },
  runs: ReadonlyMap<string, BatchRun>,
  isBarred: (run: BatchRun) => boolean,
): Ranking {
  const work = new Map<string, number | null>()
  const ranked = new Map<string, { readonly at: number; readonly runs: readonly BatchRun[] }>()
  const activeOf = new Map<string, number>()

  function isWaiting(run: BatchRun): boolean {
    const status = states.inMotion(run.batchId)?.status
    return (status === 'queued' || status === 'in_progress') && !(run.list.isDone && run.running.size === 0) && !isBarred(run)
  }

  function claimant(run: BatchRun, lane: Lane, now: number): Claimant & { readonly run: BatchRun } {
    const state = states.inMotion(run.batchId)
    const tenant = state?.spec.tenant ?? ''
    return {
      run,
      batchId: run.batchId,
      model: lane.key,
      tenant,
      secondsLeft: ((state?.deadline ?? now) - now) / 1000,
      offset: state?.settings.priority_offset ?? 0,
      workSeconds: work.get(run.batchId) ?? null,
      active: activeOf.get(tenant) ?? 0,
      maxActive: lane.ceiling,
    }
  }

  const waitingOn = (lane: Lane) => [...runs.values()].filter((run) => goesTo(run, lane) && isWaiting(run))

  return {
    order(lane, now) {
      const last = ranked.get(lane.key)
      if (last && now - last.at < RANKED_FOR_MS && now >= last.at) {
        if (last.runs.length <= 1) return last.runs
        return claimOrder(last.runs.map((run) => claimant(run, lane, now))).map(({ run }) => run)
      }
      const first = claimable(waitingOn(lane).map((run) => claimant(run, lane, now))).map(({ run }) => run)
      ranked.set(lane.key, { at: now, runs: first })
      return first
    },
    claimant,
    ahead(run) {
      if (run.running.size > 0) return undefined
      const now = clock.now()
      const place = claimOrder(waitingOn(run.lane).map((other) => claimant(other, run.lane, now))).findIndex(
        (each) => each.run === run,
      )
      return place < 0 ? undefined : place
    },
    setWork: (batchId, seconds) => void work.set(batchId, seconds),
    count: (tenant, step) => void activeOf.set(tenant, (activeOf.get(tenant) ?? 0) + step),
    forget: (batchId) => void work.delete(batchId),
    clear: () => ranked.clear(),
  }
}

function goesTo(run: BatchRun, lane: Lane): boolean {
  return run.lane === lane || run.overflow?.lane === lane
}
