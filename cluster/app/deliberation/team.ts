import type { AdditionalCheck } from '../../messages/additional-checks.ts'
import type { AgentInput, SubmittedDeliberation } from '../../messages/deliberation.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { readCouncil } from '../library/councils.ts'
import { refuse, type Refusal } from '../refusal.ts'

/** Who argues, and how. */
interface Team {
  readonly role: string
  readonly agents: readonly Partial<AgentInput>[]
  readonly rounds: number
  readonly peerReview: boolean
  readonly revisionBy: 'author' | 'critic'
  readonly additionalChecks: readonly AdditionalCheck[]
}

/** What the run says of its team, else what its council says, else the defaults: one round among agents that are alike. */
export async function teamOf(state: SmallState, input: SubmittedDeliberation): Promise<Team | Refusal> {
  const council = input.council_id === undefined ? undefined : await readCouncil(state, input.council_id)
  if (input.council_id !== undefined && !council)
    return refuse('invalid-input', `There is no council "${input.council_id}".`, { field: 'council_id' })
  const role = input.role ?? council?.role
  if (role === undefined) return refuse('invalid-input', 'Name a role, or a council, which has one.', { field: 'role' })
  const { model } = input
  const agents = input.agents ?? council?.agents ?? Array.from({ length: input.num_agents }, () => ({}))
  return {
    role,
    agents: agents.map((agent) => ({ ...(model && { model }), ...agent })),
    rounds: input.rounds ?? council?.config.deliberation_rounds ?? 1,
    peerReview: input.options.peer_review ?? council?.config.enable_peer_review ?? true,
    revisionBy: input.options.revision_by ?? council?.config.revision_by ?? 'author',
    additionalChecks: input.constraints.additional_checks ?? council?.config.additional_checks ?? [],
  }
}
