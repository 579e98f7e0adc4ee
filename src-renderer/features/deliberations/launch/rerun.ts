import * as format from '../../../lib/format.ts'
import type { Spec } from '../shapes.ts'
import { checkDraftsOf, emptyDraft, isVaried, modelKey, modelOfKey, statedRequirements, type Draft } from './draft.ts'

/** The form as it would have been filled in for this run: launched unchanged it sends the same prompts with the same seed. */
export function draftOfRun(spec: Spec): Draft {
  const { agents, architect, limits } = spec
  const [first] = agents
  const sameLimit = agents.every((agent) => agent.max_tokens === first?.max_tokens)
  return {
    ...emptyDraft,
    task: spec.task,
    requirements: spec.requirements.map(({ text, expression = null }) => ({ text, expression })),
    sections: spec.required_sections,
    role: spec.role,
    council: spec.council_id,
    agents: agents.map(({ model, temperature, persona, diversity }, at) => ({
      model: modelKey(model),
      temperature,
      persona,
      ...(diversity !== isVaried({}, at) && { diversity }),
    })),
    rounds: spec.rounds,
    seed: spec.seed,
    rubric: criteriaOf(spec.rubric),
    peerScoring: spec.peer_scoring || agents.length === 1,
    revisionBy: spec.revision_by,
    rubricWeight: spec.rubric_weight,
    selection: architect === null ? 'rank' : 'architect',
    architectK: spec.architect_k,
    architectModel: architect === null ? null : modelKey(architect.model),
    architectRubric: spec.architect_rubric ? criteriaOf(spec.architect_rubric) : null,
    maxTokens: sameLimit ? (first?.max_tokens ?? null) : null,
    timeoutSeconds: Math.ceil(limits.timeout_ms / 1000),
    callTimeoutSeconds: Math.min(3600, Math.ceil(limits.call_timeout_ms / 1000)),
    tokens: limits.tokens,
    costUsd: limits.cost_micro_usd === null ? null : limits.cost_micro_usd / 1_000_000,
    tries: limits.max_retries + 1,
    quorum: spec.quorum,
    consensusStop: spec.consensus_stop,
    consensusCosine: spec.consensus_cosine,
    baseline: spec.baseline !== null,
    additionalChecks: checkDraftsOf(spec.additional_checks),
    attachments: spec.attachments,
    carried: {
      rerun_of: spec.task_id,
      agents: agents.map(({ agent_id }) => agent_id),
      metadata: spec.metadata,
      cluster_spec: spec.cluster_spec,
    },
  }
}

function criteriaOf(rubric: Spec['rubric']): NonNullable<Draft['rubric']> {
  return rubric.map(({ name, weight, description = '' }) => ({ name, weight, description }))
}

/** One setting of a run in words. */
export interface Setting {
  readonly name: string
  readonly value: string
}

/** Everything that was chosen for a run, in the order of the form. */
export function settingsOf(draft: Draft): readonly Setting[] {
  const agents = draft.agents.map((agent, at): Setting => {
    const id = draft.carried?.agents[at] ?? `agent-${String(at + 1).padStart(3, '0')}`
    const parts = [
      modelName(agent.model),
      agent.temperature === null ? 'the role’s temperature' : `temperature ${agent.temperature}`,
      ...(agent.persona === null ? [] : [`persona “${agent.persona}”`]),
      ...(agent.diversity === undefined ? [] : [agent.diversity ? 'another approach' : 'no other approach']),
    ]
    return { name: id, value: parts.join(', ') }
  })
  return [
    { name: 'Task', value: draft.task.trim() },
    {
      name: 'Requirements',
      value: listed(
        statedRequirements(draft).map(({ text, expression }) => (expression === null ? text : `${text} (${expression})`)),
      ),
    },
    { name: 'Sections', value: draft.sections === null ? 'the role’s' : listed(draft.sections) },
    { name: 'Files', value: listed(draft.attachments.map((attachment) => attachment.name)) },
    { name: 'Role', value: draft.role },
    { name: 'Agents', value: String(draft.agents.length) },
    ...agents,
    { name: 'Rounds', value: String(draft.rounds) },
    { name: 'Revisions by', value: draft.revisionBy === 'critic' ? 'the critic' : 'the author' },
    { name: 'Seed', value: draft.seed === null ? 'random' : String(draft.seed) },
    {
      name: 'Rubric',
      value: draft.rubric === null ? 'the role’s' : criteriaInWords(draft.rubric),
    },
    {
      name: 'Checks of the run',
      value: listed(draft.additionalChecks.map(({ name, expression, passAt }) => `${name} from ${passAt} (${expression})`)),
    },
    { name: 'Peer scoring', value: draft.peerScoring && draft.agents.length > 1 ? 'on' : 'off' },
    { name: 'Weight of the rubric', value: format.percent(draft.rubricWeight) },
    {
      name: 'Selection',
      value:
        draft.selection === 'rank'
          ? 'best score'
          : `architect (${modelName(draft.architectModel)}) among the top ${draft.architectK}`,
    },
    {
      name: 'Criteria of the architect',
      value:
        draft.selection === 'architect' && draft.architectRubric !== null ? criteriaInWords(draft.architectRubric) : 'the rubric',
    },
    { name: 'Quorum', value: draft.quorum === null ? 'every answer' : String(draft.quorum) },
    { name: 'Baseline', value: draft.baseline ? 'on' : 'off' },
    { name: 'Early stop', value: earlyStopInWords(draft) },
    { name: 'Length of a text', value: draft.maxTokens === null ? 'default' : format.integer(draft.maxTokens) },
    { name: 'Time limit', value: draft.timeoutSeconds === null ? 'default' : format.duration(draft.timeoutSeconds * 1000) },
    {
      name: 'Call limit',
      value: draft.callTimeoutSeconds === null ? 'default' : format.duration(draft.callTimeoutSeconds * 1000),
    },
    { name: 'Token limit', value: draft.tokens === null ? 'none' : format.integer(draft.tokens) },
    { name: 'Cost limit', value: draft.costUsd === null ? 'none' : format.cost(draft.costUsd * 1_000_000) },
    { name: 'Tries a call', value: String(draft.tries) },
  ]
}

function earlyStopInWords({ consensusStop, consensusCosine }: Draft): string {
  if (!consensusStop) return 'off'
  return consensusCosine === null ? 'on' : `on, or at a mean cosine of ${consensusCosine}`
}

const listed = (texts: readonly string[]): string => (texts.length === 0 ? 'none' : texts.join(', '))

const criteriaInWords = (rubric: NonNullable<Draft['rubric']>): string =>
  listed(rubric.map(({ name, weight }) => `${name} ${format.percent(shareOf(rubric, weight))}`))

function shareOf(rubric: Draft['rubric'], weight: number | null): number {
  const sum = (rubric ?? []).reduce((total, criterion) => total + (criterion.weight ?? 0), 0)
  return sum === 0 ? 0 : (weight ?? 0) / sum
}

function modelName(key: string | null): string {
  return key === null ? 'the first model' : (modelOfKey(key)?.model ?? key)
}

export interface Difference {
  readonly name: string
  /** Null: the run has no such setting (an agent more or fewer). */
  readonly before: string | null
  readonly after: string | null
}

/** The settings that two runs do not share. */
export function differences(before: readonly Setting[], after: readonly Setting[]): readonly Difference[] {
  const values = (settings: readonly Setting[]) => new Map(settings.map(({ name, value }) => [name, value]))
  const old = values(before)
  const now = values(after)
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name): Difference => ({ name, before: old.get(name) ?? null, after: now.get(name) ?? null }))
    .filter((each) => each.before !== each.after)
}
