import { samplersOf } from './council.ts'
import { currentCalls } from './plan.ts'
import { limitBefore } from './spending.ts'
import { attemptOf, callKey, isTerminal, type RunState } from './state.ts'
import type { CallRef, RunEvent } from './types.ts'

/** What asking for a failed call again comes to: its events (none where the same command did it before), or why not and what to do. */
export type RetryDecision =
  | { readonly kind: 'events'; readonly events: readonly RunEvent[]; readonly call: CallRef & { readonly attempt: number } }
  | { readonly kind: 'unknown_agent'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string }

/** So often is one call made at most: whoever asks more often repeats a mistake, and each try costs. */
const MAX_ATTEMPTS = 10

/** Makes the failed call of one agent again while its phase is still open. A repeated command changes nothing. */
export function decideRetry(state: RunState, agentId: string, commandId: string): RetryDecision {
  const done = state.retries.get(commandId)
  if (done) return { kind: 'events', events: [], call: done }
  const { spec } = state
  const agents = [...spec.agents, ...samplersOf(spec), ...(spec.architect ? [spec.architect] : [])].map((each) => each.agent_id)
  if (!agents.includes(agentId))
    return { kind: 'unknown_agent', message: `The run has no agent ${agentId}; it has ${agents.join(', ')}.` }
  if (isTerminal(state)) return refused(`The run has ended (${state.status}). Re-run it with changes instead.`)

  const order = currentCalls(state).find((each) => each.agent_id === agentId)
  const how = order && state.settled.get(callKey(order))
  if (!order || how === 'answered') return refused(whyClosed(state, agentId))
  const attempt = attemptOf(state, order) + 1
  if (how === undefined) return refused(`The ${order.phase} call of ${agentId} is still under way; wait for how it ends.`)
  if (attempt > MAX_ATTEMPTS)
    return refused(`The ${order.phase} call of ${agentId} was made ${MAX_ATTEMPTS} times. Re-run with another model or settings.`)
  const limit = limitBefore(state, [order])
  if (limit)
    return refused(
      `One more call could pass the ${limit === 'token_limit' ? 'token' : 'cost'} limit of the run. Re-run with a higher limit.`,
    )
  const { phase, round } = order
  const call = { round, phase, agent_id: agentId, attempt }
  return {
    kind: 'events',
    events: [{ type: 'deliberation.call_retried', data: { ...call, command_id: commandId } }],
    call,
  }
}

/** Why an agent has no failed call in the open phase. */
function whyClosed(state: RunState, agentId: string): string {
  const failure = state.failures.findLast((each) => each.agent_id === agentId)
  if (!failure) return `No call of ${agentId} has failed: there is nothing to make again.`
  const where = failure.phase === 'critique' || failure.phase === 'revise' ? ` of round ${failure.round}` : ''
  return `The ${failure.phase} phase${where}, in which the call of ${agentId} failed, has closed: others have built on it. Re-run with changes instead.`
}

const refused = (message: string): RetryDecision => ({ kind: 'refused', message })
