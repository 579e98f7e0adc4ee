import * as z from 'zod'
import { additionalCheck, clusterSpec } from '../../../../src-preload/contract/deliberation.ts'
import type { Criterion, Role, RunInput } from '../shapes.ts'

const criterionDraft = z.object({ name: z.string(), weight: z.number().nullable(), description: z.string() })
export type CriterionDraft = z.infer<typeof criterionDraft>

const agentDraft = z.object({
  /** `modelKey` of the chosen model; null takes the first that is served. */
  model: z.string().nullable(),
  /** Null takes the role's. */
  temperature: z.number().nullable(),
  /** Null takes the role's. */
  persona: z.string().nullable().default(null),
  /** Asked for another approach; absent: all but the first are. */
  diversity: z.boolean().optional(),
})
export type AgentDraft = z.infer<typeof agentDraft>

/** What the form takes over from the run it repeats (`rerun_of`), or from a template, and has no field for. */
const carried = z.object({
  rerun_of: z.string().nullable(),
  /** Agent ids by place. */
  agents: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  cluster_spec: clusterSpec.optional(),
})
/** What the answer must meet; null: judged by peers alone. Drafts of earlier versions have the text only. */
const requirementDraft = z.union([
  z.object({ text: z.string(), expression: z.string().nullable() }),
  z.string().transform((text) => ({ text, expression: null })),
])
export type RequirementDraft = z.output<typeof requirementDraft>

const checkDraft = z.object({ name: z.string(), expression: z.string(), passAt: z.number().min(0).max(1) })
export type CheckDraft = z.infer<typeof checkDraft>
export const emptyCheck: CheckDraft = { name: '', expression: '', passAt: 0.5 }

const attachmentDraft = z.object({ name: z.string(), content: z.string() })
export type AttachmentDraft = z.infer<typeof attachmentDraft>

/** A launch form as it is kept between visits. Null: left to the host's default. */
export const draftSchema = z.object({
  task: z.string(),
  requirements: z.array(requirementDraft),
  /** Headings that the answer must have; null takes the role's. */
  sections: z.array(z.string()).nullable().default(null),
  role: z.string(),
  /** The council the agents were taken from; null: none. */
  council: z.string().nullable().default(null),
  agents: z.array(agentDraft).min(1).max(15),
  rounds: z.int().min(0).max(5),
  seed: z.int().nullable(),
  /** Null: the role's own rubric. */
  rubric: z.array(criterionDraft).nullable(),
  peerScoring: z.boolean(),
  /** Who rewrites a text in view of its critique. */
  revisionBy: z.enum(['author', 'critic']).default('author'),
  /** Of the peers’ scores in the total. */
  rubricWeight: z.number().min(0).max(1).default(0.5),
  selection: z.enum(['rank', 'architect']),
  architectK: z.int(),
  architectModel: z.string().nullable(),
  /** What the architect chooses by; null: the rubric. */
  architectRubric: z.array(criterionDraft).nullable().default(null),
  /** Of each proposal and revision, in tokens; null takes the role's, else a share of the model's context. */
  maxTokens: z.number().nullable().default(null),
  timeoutSeconds: z.number().nullable(),
  callTimeoutSeconds: z.number().nullable(),
  tokens: z.number().nullable(),
  costUsd: z.number().nullable(),
  tries: z.int().min(1).max(6),
  carried: carried.nullable().default(null),
  /** Null: a phase waits for every answer. The defaults read drafts kept by versions without these fields. */
  quorum: z.int().min(1).max(15).nullable().default(null),
  consensusStop: z.boolean().default(false),
  consensusCosine: z.number().min(0).max(1).nullable().default(null),
  baseline: z.boolean().default(false),
  /** What the run checks beside the suite. */
  additionalChecks: z.array(checkDraft).default([]),
  attachments: z.array(attachmentDraft).default([]),
})
export type Draft = z.infer<typeof draftSchema>

const agent: AgentDraft = { model: null, temperature: null, persona: null }

export const emptyDraft: Draft = {
  task: '',
  requirements: [],
  sections: null,
  role: 'developer',
  council: null,
  agents: [agent, agent, agent],
  rounds: 1,
  seed: null,
  rubric: null,
  peerScoring: true,
  revisionBy: 'author',
  rubricWeight: 0.5,
  selection: 'rank',
  architectK: 3,
  architectModel: null,
  architectRubric: null,
  maxTokens: null,
  timeoutSeconds: null,
  callTimeoutSeconds: null,
  tokens: null,
  costUsd: null,
  tries: 3,
  carried: null,
  quorum: null,
  consensusStop: false,
  consensusCosine: null,
  baseline: false,
  additionalChecks: [],
  attachments: [],
}

/** After a launch the next task starts with the same council. */
export function withoutTask(draft: Draft): Draft {
  return { ...draft, task: '', requirements: [], sections: null, attachments: [], carried: null }
}

/** More agents are like the last one; fewer drop from the end. */
export function withAgentCount(draft: Draft, count: number): Draft {
  const last = draft.agents.at(-1) ?? agent
  return {
    ...draft,
    agents: Array.from(
      { length: Math.min(15, Math.max(1, count)) },
      (_, at) => draft.agents[at] ?? { ...last, temperature: null, persona: null, diversity: undefined },
    ),
  }
}

export interface ModelReference {
  readonly engine_id: string
  readonly model: string
}

export function modelKey(reference: ModelReference): string {
  return JSON.stringify([reference.engine_id, reference.model])
}

/** The reference behind a key; null for one that was not made by `modelKey`. */
export function modelOfKey(key: string): ModelReference | null {
  try {
    const parsed = z.tuple([z.string(), z.string()]).safeParse(JSON.parse(key))
    return parsed.success ? { engine_id: parsed.data[0], model: parsed.data[1] } : null
  } catch {
    return null
  }
}

/** Whether an agent is asked for another approach: where it does not say, all but the first. */
export function isVaried({ diversity }: Pick<AgentDraft, 'diversity'>, index: number): boolean {
  return diversity ?? index > 0
}

/** The role's sampling; an agent that is asked for another approach is a little warmer. */
export function roleTemperature(role: Pick<Role, 'temperature'> | undefined, varied: boolean): number | null {
  if (role === undefined) return null
  return Math.round(Math.min(2, varied ? role.temperature * 1.3 : role.temperature) * 100) / 100
}

/** The rubric in force: the draft's own, else the role's. */
export function rubricOf(draft: Draft, role: Role | undefined): CriterionDraft[] {
  return draft.rubric ?? (role?.rubric ?? []).map(criterionOf)
}

function criterionOf({ name, weight, description = '' }: Criterion): CriterionDraft {
  return { name, weight, description }
}

/** Why a rubric cannot be sent; null when it can. */
export function rubricFault(rubric: readonly CriterionDraft[]): string | null {
  const names = rubric.map((criterion) => criterion.name.trim())
  if (names.length === 0) return 'A rubric needs at least one criterion.'
  if (names.some((name) => name === '')) return 'Every criterion needs a name.'
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) return `“${twice}” stands twice; each criterion needs a name of its own.`
  if (rubric.some((criterion) => criterion.weight === null || criterion.weight <= 0)) return 'Every weight must be above 0.'
  return null
}

/** Why checks cannot be sent; null when they can. What an expression gives is for the host to say. */
export function checksFault(checks: readonly CheckDraft[]): string | null {
  const names = checks.map(({ name }) => name.trim())
  if (names.some((name) => name === '')) return 'Every check needs a name.'
  if (checks.some(({ expression }) => expression.trim() === '')) return 'Every check needs an expression.'
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) return `“${twice}” stands twice; each check needs a name of its own.`
  const fault = names.map((name) => additionalCheck.shape.check_type.safeParse(name).error?.issues[0]).find(Boolean)
  return fault ? `A check cannot be named so: ${fault.message}` : null
}

/** Checks as a run or a council takes them. */
export function checksOf(checks: readonly CheckDraft[]): { check_type: string; expression: string; pass_at: number }[] {
  return checks.map(({ name, expression, passAt }) => ({
    check_type: name.trim(),
    expression: expression.trim(),
    pass_at: passAt,
  }))
}

/** Checks of a run or a council as the form has them. */
export function checkDraftsOf(checks: ReturnType<typeof checksOf> | undefined): CheckDraft[] {
  return (checks ?? []).map(({ check_type, expression, pass_at }) => ({ name: check_type, expression, passAt: pass_at }))
}

/** Why the criteria or checks of a form cannot be sent; null when they can. */
export function criteriaFault({ rubric, selection, architectRubric, additionalChecks }: Draft): string | null {
  const fault = rubric && rubricFault(rubric)
  if (fault !== null) return fault
  const ofArchitect = selection === 'architect' ? architectRubric && rubricFault(architectRubric) : null
  return ofArchitect ? `Criteria of the architect: ${ofArchitect}` : checksFault(additionalChecks)
}

/** The run that the form describes; null while it cannot be sent. */
export function runOf(draft: Draft): RunInput | null {
  return draft.task.trim() === '' || criteriaFault(draft) !== null ? null : inputOf(draft)
}

/** What the form says, sound or not. Agents that chose no model are left to the host. */
export function inputOf(draft: Draft): RunInput {
  const requirements = statedRequirements(draft)
  const architect = draft.architectModel === null ? null : modelOfKey(draft.architectModel)
  return {
    task: draft.task,
    ...(draft.attachments.length > 0 && { attachments: draft.attachments }),
    role: draft.role,
    ...(draft.carried !== null && { metadata: draft.carried.metadata }),
    ...(typeof draft.carried?.rerun_of === 'string' && { rerun_of: draft.carried.rerun_of }),
    ...(draft.maxTokens !== null && { max_tokens: draft.maxTokens }),
    ...(draft.council !== null && { council_id: draft.council }),
    agents: draft.agents.map(({ model, temperature, persona, diversity }, at) => ({
      ...(draft.carried?.agents[at] !== undefined && { agent_id: draft.carried.agents[at] }),
      ...(model !== null && { model: modelOfKey(model) ?? undefined }),
      ...(temperature !== null && { temperature }),
      ...(persona !== null && persona.trim() !== '' && { persona: persona.trim() }),
      ...(diversity !== undefined && { diversity }),
    })),
    rounds: draft.rounds,
    ...(draft.seed !== null && { seed: draft.seed }),
    constraints: {
      ...(draft.carried?.cluster_spec && { cluster_spec: draft.carried.cluster_spec }),
      ...(draft.selection === 'architect' &&
        draft.architectRubric !== null && { architect_rubric: mapOf(draft.architectRubric) }),
      ...(draft.rubric !== null && { rubric: mapOf(draft.rubric) }),
      ...((draft.additionalChecks.length > 0 || draft.council !== null) && {
        additional_checks: checksOf(draft.additionalChecks),
      }),
      ...(draft.sections !== null && { required_sections: draft.sections }),
      ...(requirements.length > 0 && {
        requirements: requirements.map(({ text, expression }) => (expression === null ? text : { text, expression })),
      }),
    },
    options: {
      peer_review: draft.rounds > 0,
      peer_scoring: draft.peerScoring,
      revision_by: draft.revisionBy,
      rubric_weight: draft.rubricWeight,
      selection: draft.selection,
      architect_k: draft.architectK,
      ...(draft.selection === 'architect' && architect !== null && { architect_model: architect }),
      ...(draft.quorum !== null && { quorum: Math.min(draft.quorum, draft.agents.length) }),
      consensus_stop: draft.consensusStop && draft.rounds > 1,
      ...(draft.consensusStop &&
        draft.rounds > 1 &&
        draft.consensusCosine !== null && { consensus_cosine: draft.consensusCosine }),
      ...(draft.baseline && { baseline: true }),
    },
    limits: {
      ...(draft.timeoutSeconds !== null && { timeout_seconds: Math.round(draft.timeoutSeconds) }),
      ...(draft.callTimeoutSeconds !== null && { call_timeout_seconds: Math.round(draft.callTimeoutSeconds) }),
      ...(draft.tokens !== null && { tokens: Math.round(draft.tokens) }),
      ...(draft.costUsd !== null && { cost_micro_usd: Math.round(draft.costUsd * 1_000_000) }),
      max_retries: draft.tries - 1,
    },
  }
}

/** Those that say something. */
export function statedRequirements({ requirements }: Pick<Draft, 'requirements'>): readonly RequirementDraft[] {
  return requirements.flatMap((each) => {
    const [text, expression = ''] = [each.text.trim(), each.expression?.trim()]
    return text === '' ? [] : [{ text, expression: expression === '' ? null : expression }]
  })
}

function mapOf(rubric: readonly CriterionDraft[]): Record<string, { weight: number; description?: string }> {
  return Object.fromEntries(
    rubric.map(({ name, weight, description }) => [
      name.trim(),
      { weight: weight ?? 0, ...(description.trim() !== '' && { description: description.trim() }) },
    ]),
  )
}
