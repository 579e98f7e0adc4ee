import * as z from 'zod'
import type { Batches } from '../ports/batches.ts'
import type { Clock } from '../ports/clock.ts'
import type { SmallState } from '../ports/small-state.ts'
import type { ControlPlane } from './control-plane.ts'
import type { Refusal } from './refusal.ts'

const retentionReport = z.object({
  at: z.int(),
  days: z.number(),
  runs: z.int(),
  batches: z.int(),
  /** Of texts and files that are gone. */
  bytes: z.int(),
  /** What could not be removed, and why the first of it could not. */
  left: z.int(),
  reason: z.string().nullable(),
})
/** What one look for things whose time is over came to. */
export type RetentionReport = z.infer<typeof retentionReport>

/** Ids of what ended before a time. */
export interface Due {
  readonly runs: readonly string[]
  readonly batches: readonly string[]
}

/** Removes ended runs and batches once they were kept for as many days as the operator wants. */
export interface Retention {
  due(days: number): Due
  /** Removes what is due; what cannot be removed is left and counted, and does not keep the rest from going. */
  apply(days: number, signal: AbortSignal): Promise<RetentionReport>
  /** The same by itself, from time to time: where it changed something, `last` has it. */
  pass(days: number, signal: AbortSignal): Promise<RetentionReport>
  /** The last pass that removed something, or found more that it could not remove; null before the first. */
  last(): RetentionReport | null
  /** Calls the listener when `last` is another one. Returns the function that ends it. */
  onPassed(listener: () => void): () => void
}

export interface RetentionPorts {
  readonly state: SmallState
  readonly clock: Clock
  readonly commands: Pick<ControlPlane, 'expire' | 'weigh'>
  readonly batches: Pick<Batches, 'expire'>
  readonly endedBefore: (at: number) => Due
  readonly onFault: (fault: unknown) => void
}

const LAST = 'retention.last'
const DAY_MS = 86_400_000
const ACTOR = 'retention'

type Removal = { readonly kind: 'removed'; readonly bytes: number } | Refusal

/** Retention over the plane's own removals; the last report is small state. */
export async function createRetention(ports: RetentionPorts): Promise<Retention> {
  const { state, clock, commands, batches, endedBefore, onFault } = ports
  const listeners = new Set<() => void>()
  let last = retentionReport.safeParse((await state.get(LAST))?.value).data ?? null

  async function removeRun(taskId: string): Promise<Removal> {
    const weighed = await commands.weigh(taskId)
    if (weighed.kind === 'refused') return weighed
    const expired = await commands.expire(taskId, ACTOR)
    return expired.kind === 'refused' ? expired : { kind: 'removed', bytes: weighed.bytes }
  }

  const due = (days: number): Due => endedBefore(clock.now() - days * DAY_MS)

  async function apply(days: number, signal: AbortSignal): Promise<RetentionReport> {
    const report = { at: clock.now(), days, runs: 0, batches: 0, bytes: 0, left: 0, reason: null as string | null }

    async function removeAll(what: 'runs' | 'batches', ids: readonly string[], remove: (id: string) => Promise<Removal>) {
      for (const id of ids) {
        if (signal.aborted) return
        const removal = await remove(id).catch((fault: unknown) => {
          onFault(fault)
          return { kind: 'failed' as const, message: fault instanceof Error ? fault.message : String(fault) }
        })
        if (removal.kind === 'removed') {
          report[what] += 1
          report.bytes += removal.bytes
        } else if (removal.kind === 'failed' || !isGone(removal)) {
          report.left += 1
          report.reason ??= `${id}: ${removal.message}`
        }
      }
    }
    const { runs, batches: ended } = due(days)
    await removeAll('runs', runs, removeRun)
    await removeAll('batches', ended, (batchId) => batches.expire(batchId, ACTOR))
    return report
  }

  return {
    due,
    apply,
    async pass(days, signal) {
      const report = await apply(days, signal)
      if (report.runs + report.batches === 0 && report.left <= (last?.left ?? 0)) return report
      await state.put(LAST, report, 'any')
      last = report
      for (const listener of listeners) listener()
      return report
    },
    last: () => last,
    onPassed(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Somebody else was faster. */
function isGone({ code }: Refusal): boolean {
  return code === 'expired' || code === 'not-found'
}
