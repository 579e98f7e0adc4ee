import type { Council, CouncilView } from '../shapes.ts'
import { checkDraftsOf, checksFault, checksOf, modelKey, modelOfKey, type AgentDraft, type Draft } from '../launch/draft.ts'

/** What a council says of a launch form. */
export function draftOfCouncil(
  council: CouncilView,
): Pick<Draft, 'council' | 'role' | 'agents' | 'rounds' | 'revisionBy' | 'additionalChecks' | 'rubric'> {
  return {
    council: council.council_id,
    role: council.role,
    agents: agentsOf(council),
    rounds: council.config.enable_peer_review ? council.config.deliberation_rounds : 0,
    revisionBy: council.config.revision_by,
    additionalChecks: checkDraftsOf(council.config.additional_checks),
    rubric: null,
  }
}

function agentsOf(council: Pick<CouncilView, 'agents'>): AgentDraft[] {
  return council.agents.map(({ model, temperature, persona, diversity }) => ({
    model: model ? modelKey(model) : null,
    temperature: temperature ?? null,
    persona: persona ?? null,
    ...(diversity !== undefined && { diversity }),
  }))
}

/** The form's agents as a council keeps them. Agents are named by their place, as in a run. */
export function councilAgents(agents: readonly AgentDraft[]): Council['agents'] {
  return agents.map(({ model, temperature, persona, diversity }) => {
    const reference = model === null ? null : modelOfKey(model)
    return {
      ...(reference && { model: reference }),
      ...(temperature !== null && { temperature }),
      ...(persona !== null && persona.trim() !== '' && { persona: persona.trim() }),
      ...(diversity !== undefined && { diversity }),
    }
  })
}

/** How the form's council works where a run does not say otherwise. */
export function councilConfig({
  rounds,
  revisionBy,
  additionalChecks,
}: Pick<Draft, 'rounds' | 'revisionBy' | 'additionalChecks'>): Council['config'] {
  return {
    deliberation_rounds: rounds,
    enable_peer_review: rounds > 0,
    revision_by: revisionBy,
    ...(additionalChecks.length > 0 &&
      checksFault(additionalChecks) === null && { additional_checks: checksOf(additionalChecks) }),
  }
}

/** Whether the form still is what the council says. */
export function isAsKept(draft: Draft, council: CouncilView): boolean {
  const kept = draftOfCouncil(council)
  return (
    draft.role === kept.role &&
    draft.rounds === kept.rounds &&
    draft.revisionBy === kept.revisionBy &&
    JSON.stringify(draft.additionalChecks) === JSON.stringify(kept.additionalChecks) &&
    JSON.stringify(draft.agents) === JSON.stringify(kept.agents)
  )
}

/** An id out of a title: what an operator would type. */
export function idOfTitle(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
}
