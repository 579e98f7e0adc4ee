import { draftOfCouncil } from '../councils/council-draft.ts'
import { checkDraftsOf, emptyDraft, inputOf, modelKey, type Draft } from '../launch/draft.ts'
import type { CouncilView, TemplateRunInput, TemplateView } from '../shapes.ts'

type Run = TemplateView['run']

/** The launch form as a template has it. A council that is kept no more is left out. */
export function draftOfTemplate({ run }: Pick<TemplateView, 'run'>, councils: readonly CouncilView[]): Draft {
  const { constraints, options, limits } = run
  const council = councils.find((one) => one.council_id === run.council_id)
  const team = council && run.agents === undefined ? draftOfCouncil(council) : null
  const rounds = run.rounds ?? team?.rounds ?? emptyDraft.rounds
  return {
    ...emptyDraft,
    task: run.task,
    requirements: (constraints.requirements ?? []).map((given) =>
      typeof given === 'string' ? { text: given, expression: null } : { text: given.text, expression: given.expression ?? null },
    ),
    sections: constraints.required_sections ?? null,
    role: run.role ?? team?.role ?? emptyDraft.role,
    council: council?.council_id ?? null,
    agents: team?.agents ?? agentsOf(run),
    rounds: options.peer_review === false ? 0 : rounds,
    seed: run.seed ?? null,
    rubric: rubricOfRun(constraints.rubric),
    peerScoring: options.peer_scoring,
    revisionBy: options.revision_by ?? team?.revisionBy ?? emptyDraft.revisionBy,
    rubricWeight: options.rubric_weight,
    selection: options.selection,
    architectK: options.architect_k,
    architectRubric: rubricOfRun(constraints.architect_rubric),
    architectModel: options.architect_model ? modelKey(options.architect_model) : null,
    maxTokens: run.max_tokens ?? null,
    timeoutSeconds: limits.timeout_seconds ?? null,
    callTimeoutSeconds: limits.call_timeout_seconds ?? null,
    tokens: limits.tokens ?? null,
    costUsd: limits.cost_micro_usd === undefined ? null : limits.cost_micro_usd / 1_000_000,
    tries: limits.max_retries + 1,
    quorum: options.quorum ?? null,
    consensusStop: options.consensus_stop,
    consensusCosine: options.consensus_cosine ?? null,
    baseline: options.baseline,
    additionalChecks: constraints.additional_checks
      ? checkDraftsOf(constraints.additional_checks)
      : (team?.additionalChecks ?? []),
    carried: {
      rerun_of: null,
      agents: idsOf(run),
      metadata: {},
      cluster_spec: constraints.cluster_spec,
    },
  }
}

/** What the form says, as a template keeps it: without what belongs to one run: files, metadata, and the run it repeats. */
export function templateRunOf(draft: Draft): TemplateRunInput {
  const { metadata: _, ...run } = inputOf({
    ...draft,
    attachments: [],
    carried: draft.carried && { ...draft.carried, rerun_of: null },
  })
  return run
}

function agentsOf({ agents, num_agents, model: common }: Run): Draft['agents'] {
  const wanted: NonNullable<Run['agents']> = agents ?? Array.from({ length: num_agents }, () => ({}))
  return wanted.map(({ model = common, temperature = null, persona = null, diversity }) => ({
    model: model ? modelKey(model) : null,
    temperature,
    persona,
    ...(diversity !== undefined && { diversity }),
  }))
}

/** Ids by place, where every agent has one. */
function idsOf({ agents = [] }: Run): string[] {
  const ids = agents.flatMap(({ agent_id }) => agent_id ?? [])
  return ids.length === agents.length ? ids : []
}

function rubricOfRun(rubric: Run['constraints']['rubric']): Draft['rubric'] {
  if (rubric === undefined) return null
  // The host keeps text as a map; what is text all the same is one criterion.
  if (typeof rubric === 'string') return [{ name: 'rubric', weight: 1, description: rubric }]
  return Object.entries(rubric).map(([name, value]) =>
    typeof value === 'number'
      ? { name, weight: value, description: '' }
      : { name, weight: value.weight, description: value.description ?? '' },
  )
}
