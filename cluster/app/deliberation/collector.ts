import { decideAnswer } from '../../domain/deliberation/index.ts'
import type { Answer } from '../../messages/answer.ts'
import type { Answers } from '../../ports/answers.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Delivery } from '../../ports/delivery.ts'
import type { Runs } from './runs.ts'

export interface CollectorPorts {
  readonly answers: Answers
  readonly clock: Clock
  /** Called after a stored change, to bring the world in line with it. */
  readonly advance: (taskId: string) => Promise<void>
  /** An answer came that had been counted before. */
  readonly onDuplicateAnswer?: () => void
  readonly onFault: (fault: unknown) => void
}

const LEASE_MS = 30_000
const MAX_DELIVERIES = 5
const READERS = 4

/** Takes answers until `signal` aborts. An answer is acknowledged only after the change it causes is stored. */
export async function runCollector(ports: CollectorPorts, runs: Runs, signal: AbortSignal): Promise<void> {
  const reader = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const delivery = await ports.answers.take(LEASE_MS, signal)
        if (delivery) await collect(ports, runs, delivery)
      } catch (fault) {
        ports.onFault(fault)
        await ports.clock.sleep(1000, signal)
      }
    }
  }
  await Promise.all(Array.from({ length: READERS }, reader))
}

async function collect(ports: CollectorPorts, runs: Runs, delivery: Delivery<Answer>): Promise<void> {
  const answer = delivery.message
  const seen = { known: true, before: false }
  try {
    const state = await runs.change(answer.task_id, answer.agent_id, (now) => {
      const decision = decideAnswer(now, answer, ports.clock.now())
      seen.known = decision.kind !== 'unknown'
      seen.before = decision.kind === 'duplicate'
      return decision.kind === 'events' || decision.kind === 'late' ? decision.events : []
    })
    if (!state || !seen.known) {
      await delivery.park(state ? 'The run expects no such answer.' : 'No run has this id.')
      return
    }
  } catch (fault) {
    ports.onFault(fault)
    if (delivery.deliveries >= MAX_DELIVERIES)
      await delivery.park(`Failed ${delivery.deliveries} times: ${fault instanceof Error ? fault.message : String(fault)}`)
    else await delivery.release(500 * 2 ** delivery.deliveries)
    return
  }
  await delivery.ack()
  if (seen.before) ports.onDuplicateAnswer?.()
  await ports.advance(answer.task_id)
}
