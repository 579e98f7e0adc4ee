import { isSampler } from './council.ts'
import { openCall } from './plan.ts'
import { attemptOf, callKey, type RunState } from './state.ts'
import type { CallAttempt } from './types.ts'

/**
 * What an answer to a call would be to its run now. `awaited`: it counts. `late`: its phase closed or the run ended; it is kept
 * as late. `counted`: an answer or a failure is there already, or it is of an attempt that counts no longer. `unexpected`: no call of
 * the run asked for it.
 */
type Standing = 'awaited' | 'late' | 'counted' | 'unexpected'

export function standingOf(state: RunState, call: CallAttempt): Standing {
  const { attempt = 1 } = call
  const counted = attemptOf(state, call)
  if (!wasAsked(state, call) || attempt > counted) return 'unexpected'
  const key = callKey(call)
  if (attempt < counted || state.settled.has(key) || state.late.has(key)) return 'counted'
  return openCall(state, call) ? 'awaited' : 'late'
}

function wasAsked(state: RunState, { phase, round, agent_id }: CallAttempt): boolean {
  if (isSampler(state.spec, agent_id)) return state.sampling !== 'none' && phase === 'propose' && round === 0
  return state.steps.some((step) => step.phase === phase && step.round === round && step.expected.includes(agent_id))
}
