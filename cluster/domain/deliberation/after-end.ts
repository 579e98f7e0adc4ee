import { isTerminal, type RunState } from './state.ts'
import type { Outcome, RunEvent } from './types.ts'

/** What a decision about an ended run comes to: its events (none where nothing would change), or why not. */
export type AfterEnd =
  | { readonly kind: 'events'; readonly events: readonly RunEvent[] }
  | { readonly kind: 'not_ended' }
  | { readonly kind: 'no_proposal'; readonly message: string }

/** An outcome as a person gives it. */
export type OutcomeGiven = { readonly agent_id?: string | undefined; readonly rating?: number | undefined } & (
  | { readonly verdict: 'accepted' }
  | { readonly verdict: 'rejected'; readonly reason: string }
  | { readonly verdict: 'corrected'; readonly correction: string }
)

/** Records what a person says of the result. The same words by the same person a second time change nothing. */
export function decideOutcome(state: RunState, given: OutcomeGiven, by: string): AfterEnd {
  if (!isTerminal(state)) return { kind: 'not_ended' }
  if (state.texts.size === 0)
    return { kind: 'no_proposal', message: 'The run ended without a proposal: there is nothing to accept, reject or correct.' }
  const agent_id = given.agent_id ?? state.selection?.agent_id
  if (agent_id === undefined)
    return { kind: 'no_proposal', message: 'The run has no winner: name the agent whose proposal is meant.' }
  if (!state.texts.has(agent_id))
    return { kind: 'no_proposal', message: `${agent_id} gave no proposal; ${[...state.texts.keys()].join(', ')} did.` }
  const outcome: Outcome = { ...given, agent_id, rating: given.rating ?? null, by }
  const last = state.outcomes.at(-1)
  if (last && isSame(last, outcome)) return unchanged
  return { kind: 'events', events: [{ type: 'deliberation.outcome_recorded', data: { outcome } }] }
}

/** Takes an ended run out of the default list, or puts it back. */
export function decideArchive(state: RunState, archived: boolean, by: string): AfterEnd {
  if (!isTerminal(state)) return { kind: 'not_ended' }
  if (state.isArchived === archived) return unchanged
  return {
    kind: 'events',
    events: [{ type: archived ? 'deliberation.archived' : 'deliberation.restored', data: { by } }],
  }
}

/** The ended run no longer asks for attention. */
export function decideDismiss(state: RunState, by: string): AfterEnd {
  if (!isTerminal(state)) return { kind: 'not_ended' }
  return state.isDismissed ? unchanged : { kind: 'events', events: [{ type: 'deliberation.dismissed', data: { by } }] }
}

const unchanged: AfterEnd = { kind: 'events', events: [] }

function isSame(a: Outcome, b: Outcome): boolean {
  const said = (outcome: Outcome): string => {
    const text = outcome.verdict === 'rejected' ? outcome.reason : outcome.verdict === 'corrected' ? outcome.correction : ''
    return JSON.stringify([outcome.verdict, outcome.agent_id, outcome.rating, outcome.by, text])
  }
  return said(a) === said(b)
}
