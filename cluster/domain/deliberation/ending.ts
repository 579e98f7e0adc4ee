import { rank } from './rank.ts'
import { selectByRank } from './selection.ts'
import type { LimitReason } from './spending.ts'
import { survivors, type RunState } from './state.ts'
import type { EndedData, EndReason, RankedProposal, RunEvent, Selection } from './types.ts'

/** Why a run ends now. */
type Ending =
  | { readonly kind: 'ranked' }
  | { readonly kind: 'all_failed' }
  | { readonly kind: 'deadline' }
  | { readonly kind: 'limit'; readonly reason: LimitReason }
  | { readonly kind: 'cancelled'; readonly by: string }

/** Ranks what is there, names the winner and ends the run: its last events. A cancelled run is not ranked. */
export function endRun(state: RunState, ending: Ending): readonly RunEvent[] {
  const proposals = survivors(state).length
  if (ending.kind === 'cancelled')
    return [
      ended({
        status: 'CANCELLED',
        reason: 'cancelled',
        partial: proposals > 0,
        winner_id: null,
        message: `Cancelled by ${ending.by}.`,
      }),
    ]
  if (proposals === 0) return [ended(withoutProposals(state, ending))]

  const ranked = state.ranking ? null : rank(state)
  const ranking = ranked?.ranking ?? state.ranking ?? []
  const selection = selectionOf(state, ranking, ending)
  return [
    ...(ranked ? [{ type: 'deliberation.ranked' as const, data: ranked }] : []),
    { type: 'deliberation.selected', data: { selection } },
    ended({
      status: ending.kind === 'deadline' ? 'TIMEOUT' : 'COMPLETED',
      reason: reasonOf(ending),
      partial: ending.kind !== 'ranked' || proposals < state.spec.agents.length,
      winner_id: selection.agent_id,
      message: messageOf(state, ending),
    }),
  ]
}

const ended = (data: EndedData): RunEvent => ({ type: 'deliberation.ended', data })

function reasonOf(ending: Ending): EndReason {
  return ending.kind === 'limit' ? ending.reason : ending.kind
}

function withoutProposals(state: RunState, ending: Ending): EndedData {
  const nothing = { reason: reasonOf(ending), partial: false, winner_id: null }
  if (ending.kind === 'deadline')
    return { ...nothing, status: 'TIMEOUT', message: 'The deadline passed before any agent had answered.' }
  if (ending.kind === 'limit')
    return { ...nothing, status: 'FAILED', message: `There is no proposal to rank: ${LIMITS[ending.reason]}` }
  return { ...nothing, status: 'FAILED', reason: 'all_failed', message: `Every agent failed. ${causes(state)}` }
}

const LIMITS: Readonly<Record<LimitReason, string>> = {
  token_limit: 'the next calls could pass the token limit of the run.',
  cost_limit: 'the next calls could pass the cost limit of the run.',
}

function messageOf(state: RunState, ending: Ending): string {
  const { length: agents } = state.spec.agents
  const { length: proposals } = survivors(state)
  const lost = proposals < agents ? ` Without a proposal: ${causes(state)}` : ''
  const count = `${proposals} of ${agents} proposals ranked.`
  if (ending.kind === 'deadline') return `The deadline passed; ${count}${lost}`
  if (ending.kind === 'limit') return `Ended early, ${LIMITS[ending.reason]} ${count}${lost}`
  return count + lost
}

const CAUSE_CHARACTERS = 300

/** Who gave no proposal and why, agent by agent. */
function causes(state: RunState): string {
  const unanswered = state.steps.length > 1 ? 'no answer when the quorum was reached' : 'no answer'
  const lost = state.spec.agents.filter(({ agent_id }) => !state.texts.has(agent_id))
  return lost
    .map(({ agent_id }) => {
      const failure = state.failures.find((each) => each.phase === 'propose' && each.agent_id === agent_id)
      return `${agent_id}: ${failure ? `${failure.error.slice(0, CAUSE_CHARACTERS)} (${failure.error_type})` : unanswered}`
    })
    .join('; ')
}

function selectionOf(state: RunState, ranking: readonly RankedProposal[], ending: Ending): Selection {
  if (state.choice) return { by: 'architect', agent_id: state.choice.agentId, reason: state.choice.reason, architect_error: null }
  return { ...selectByRank(ranking), architect_error: architectError(state, ranking, ending) }
}

/** Why an architect who was wanted did not choose; null where none was, or where there was nothing to choose from. */
function architectError(state: RunState, ranking: readonly RankedProposal[], ending: Ending): string | null {
  if (!state.spec.architect || ranking.length < 2) return null
  const failure = state.failures.find((each) => each.phase === 'select')
  if (failure) return failure.error
  if (ending.kind === 'limit') return `The architect was not asked: ${LIMITS[ending.reason]}`
  return 'The deadline passed before the architect had chosen.'
}
