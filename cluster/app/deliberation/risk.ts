import { decideRisk, lookAtRisk, watchRisk, type RiskWatch } from '../../domain/deliberation/index.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Runs } from './runs.ts'

interface RiskPorts {
  readonly clock: Clock
  readonly onFault: (fault: unknown) => void
}

const LOOK_MS = 5000

/** Looks at every run in motion each 5 s and records where its chance to keep the deadline is another one. */
export async function watchDeadlines({ clock, onFault }: RiskPorts, runs: Runs, signal: AbortSignal): Promise<void> {
  const watches = new Map<string, RiskWatch>()
  for (;;) {
    await clock.sleep(LOOK_MS, signal)
    if (signal.aborted) return
    const now = clock.now()
    const moving = new Map(runs.active().map((state) => [state.spec.task_id, state]))
    for (const taskId of [...watches.keys()]) if (!moving.has(taskId)) watches.delete(taskId)
    for (const [taskId, state] of moving) {
      // From its deadline on the run ends, which is told as its end.
      if (now >= state.spec.deadline) continue
      const { watch, change } = lookAtRisk(watches.get(taskId) ?? watchRisk(state, now), state, now)
      watches.set(taskId, watch)
      if (!change) continue
      try {
        await runs.change(taskId, 'clock', (newest) => decideRisk(newest, change))
      } catch (fault) {
        onFault(fault)
      }
    }
  }
}
