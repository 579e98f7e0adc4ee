import { decideRetry, type RetryDecision } from '../../domain/deliberation/index.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { missingRun, type Runs } from './runs.ts'

export interface Retried {
  readonly kind: 'retried'
  readonly call: Extract<RetryDecision, { kind: 'events' }>['call']
}

/** Stores that a failed call is made again; a repeated command gets the first answer. Publishing it is up to the caller. */
export async function retryCall(
  runs: Runs,
  commandId: string,
  actor: string,
  taskId: string,
  agentId: string,
): Promise<Retried | Refusal> {
  const loaded = await runs.load(taskId)
  if (loaded.kind !== 'run') return missingRun(taskId, loaded.kind)
  let decision = decideRetry(loaded.state, agentId, commandId)
  await runs.change(taskId, actor, (state) => {
    decision = decideRetry(state, agentId, commandId)
    return decision.kind === 'events' ? decision.events : []
  })
  switch (decision.kind) {
    case 'events':
      return { kind: 'retried', call: decision.call }
    case 'unknown_agent':
      return refuse('invalid-input', decision.message, { field: 'agent_id' })
    case 'refused':
      return refuse('conflict', decision.message)
  }
}
