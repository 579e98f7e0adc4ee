import * as z from 'zod'
import { additionalCheck, additionalChecks } from './additional-checks.ts'
import { ruleExpression } from './policies.ts'
import { criterion, requiredSections } from './roles.ts'
import { modelReference, phaseName } from './work.ts'

/** Status of a run. Terminal: COMPLETED, FAILED, TIMEOUT, CANCELLED, EXPIRED; a terminal status never changes. */
export const deliberationStatus = z.enum([
  'UNKNOWN',
  'PENDING',
  'IN_PROGRESS',
  'COMPLETED',
  'FAILED',
  'TIMEOUT',
  'CANCELLED',
  'EXPIRED',
])
export type DeliberationStatus = z.infer<typeof deliberationStatus>

/** Who rewrites a proposal in view of its critique; it stays its author's either way. */
export const revisionBy = z.enum(['author', 'critic'])

/** A rubric as clients send it: a map name → weight or {weight, description}, the same as YAML or JSON text, or one criterion's text. */
export const rubricWeight = z.union([
  z.number().positive(),
  z.strictObject({ weight: z.number().positive(), description: z.string().max(500).optional() }),
])
const rubricMap = z.record(z.string().trim().min(1).max(60), rubricWeight)
export const rubricInput = z.union([z.string().trim().min(1).max(8000), rubricMap])
export type RubricInput = z.infer<typeof rubricInput>

/** A statement that the answer must meet; one with an expression (CEL over the text) is checked by policy too. */
const requirementText = z.string().trim().min(1).max(500)
const requirement = z.union([requirementText, z.strictObject({ text: requirementText, expression: ruleExpression.optional() })])

/** The cluster that manifests in the answers are meant for. */
export const clusterSpec = z.strictObject({
  kubernetes_version: z
    .string()
    .regex(/^v?1\.\d{1,2}(\.\d{1,3})?$/, 'a version such as 1.33')
    .optional(),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and hyphens, 63 at most')
    .optional(),
  allowed_kinds: z
    .array(z.string().regex(/^[A-Z][A-Za-z0-9]{0,62}$/, 'a kind such as Deployment'))
    .min(1)
    .max(100)
    .optional(),
})

const constraints = z.strictObject({
  rubric: rubricInput.optional(),
  /** What an architect chooses by; default: the rubric. */
  architect_rubric: rubricMap.optional(),
  cluster_spec: clusterSpec.optional(),
  requirements: z.array(requirement).max(20).optional(),
  /** Markdown headings that the answer must have; default: the role's. */
  required_sections: requiredSections.optional(),
  /** Checks beside those of every run; default: the council's. */
  additional_checks: additionalChecks.optional(),
})

export const agentInput = z.strictObject({
  agent_id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens')
    .optional(),
  /** Default: the run's, else the first that is served. */
  model: modelReference.optional(),
  temperature: z.number().min(0).max(2).optional(),
  persona: z.string().max(2000).optional(),
  /** Asked for another approach, and a little warmer where it has no temperature of its own. Default: every agent but the first. */
  diversity: z.boolean().optional(),
})
export type AgentInput = z.infer<typeof agentInput>

const runOptions = z.strictObject({
  /** Default: the council's, else on. */
  peer_review: z.boolean().optional(),
  /** Default: the council's, else the author. */
  revision_by: revisionBy.optional(),
  peer_scoring: z.boolean().default(true),
  /** Share of the peers' scores in the total; the rest are the checks. */
  rubric_weight: z.number().min(0).max(1).default(0.5),
  selection: z.enum(['rank', 'architect']).default('rank'),
  architect_k: z.int().min(2).max(15).default(3),
  architect_model: modelReference.optional(),
  /** A phase may close once this many answers are in; default: when every call has ended. What comes after is recorded as late. */
  quorum: z.int().min(1).max(15).optional(),
  /** No further rounds once a round of revisions left every text as it was. */
  consensus_stop: z.boolean().default(false),
  /** With `consensus_stop`: nor once all texts agree at this mean cosine of their embeddings. Needs an embedding model. */
  consensus_cosine: z.number().min(0).max(1).optional(),
  /** Beside the debate, independent samples of the first agent's model at about equal tokens, scored in the same blind pass. */
  baseline: z.boolean().default(false),
})

const runLimits = z.strictObject({
  /** Whole run; default max(300 s, 3 × the estimate). */
  timeout_seconds: z.int().min(5).max(86_400).optional(),
  /** One model call, from the moment its slot is granted; default max(60 s, 3 × what the measured rate promises). */
  call_timeout_seconds: z.int().min(1).max(3600).optional(),
  /** Tokens in and out over the whole run. */
  tokens: z.int().positive().optional(),
  cost_micro_usd: z.int().nonnegative().optional(),
  max_retries: z.int().min(0).max(5).default(2),
})

/** Bounds of what is attached: all of it stands in the run's first event and in each of its prompts. */
export const MAX_ATTACHMENTS = 8
export const MAX_ATTACHMENT_BYTES = 64_000
export const MAX_ATTACHED_BYTES = 256_000

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** A context file. Larger ones are refused: a run's first event holds them whole. */
const attachment = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .regex(/^[^\p{C}]+$/u, 'a name on one line'),
  content: z
    .string()
    .min(1, 'The file is empty.')
    .refine((text) => bytesOf(text) <= MAX_ATTACHMENT_BYTES, {
      error: `A file may have at most ${MAX_ATTACHMENT_BYTES / 1000} kB of text; shorten it, or attach the part that matters.`,
    }),
})

const attachments = z
  .array(attachment)
  .max(MAX_ATTACHMENTS, `At most ${MAX_ATTACHMENTS} files can be attached.`)
  .refine((files) => new Set(files.map((file) => file.name)).size === files.length, {
    error: 'Two files have the same name; rename one of them.',
  })
  .refine((files) => files.reduce((sum, file) => sum + bytesOf(file.content), 0) <= MAX_ATTACHED_BYTES, {
    error: `The files may have at most ${MAX_ATTACHED_BYTES / 1000} kB together.`,
  })

/** The one submit schema. Unknown fields are refused by name. */
export const submitDeliberation = z.strictObject({
  title: z.string().trim().min(1).max(120).optional(),
  task: z.string().trim().min(1, 'The task is empty.').max(100_000),
  /** Files for the agents to work with; prompts show them apart from the instructions, cut to fit the context. */
  attachments: attachments.default([]),
  /** Needed unless a council is named, which has one. */
  role: z.string().trim().min(1).max(40).optional(),
  /** A kept council, for the role, agents and rounds that the run does not give itself. */
  council_id: z.string().min(1).max(60).optional(),
  /** Either the agents one by one, or a council's, or a number of agents that all use `model`. */
  agents: z.array(agentInput).min(1).max(15).optional(),
  num_agents: z.int().min(1).max(15).default(3),
  model: modelReference.optional(),
  /** Default: the council's, else 1. */
  rounds: z.int().min(0).max(5).optional(),
  seed: z.int().min(0).max(2_147_483_647).optional(),
  max_tokens: z.int().min(16).max(131_072).optional(),
  constraints: constraints.default({}),
  options: runOptions.prefault({}),
  limits: runLimits.prefault({}),
  /** The run that this one repeats, with or without changes. */
  rerun_of: z.string().min(1).max(100).optional(),
  metadata: z.record(z.string(), z.string().max(500)).default({}),
})
export type SubmitDeliberation = z.input<typeof submitDeliberation>
export type SubmittedDeliberation = z.output<typeof submitDeliberation>

/** One agent as the run uses it. Prices are micro-dollars per million tokens. */
export const runAgent = z.object({
  agent_id: z.string(),
  model: modelReference,
  label: z.string(),
  starter: z.boolean(),
  temperature: z.number(),
  persona: z.string().nullable(),
  /** Asked to look for a different approach. */
  diversity: z.boolean(),
  max_tokens: z.int().positive(),
  context_tokens: z.int().positive(),
  price_in: z.int().nonnegative(),
  price_out: z.int().nonnegative(),
})
export type RunAgent = z.infer<typeof runAgent>

const phaseEstimate = z.object({
  phase: phaseName,
  round: z.int().nonnegative(),
  calls: z.int().nonnegative(),
  tokens_in: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
  /** Null while no rate of the models has been measured. */
  duration_ms: z.int().nonnegative().nullable(),
  cost_micro_usd: z.int().nonnegative(),
})

const baselineEstimate = phaseEstimate.omit({ phase: true, round: true })

/** What a run would take. Durations are null while the models' rates are unknown; `basis` says what they rest on. */
export const runEstimate = z.object({
  phases: z.array(phaseEstimate),
  /** The samples beside the debate, which the totals include; null without a baseline. */
  baseline: baselineEstimate.nullable().default(null),
  calls: z.int().nonnegative(),
  tokens_in: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
  duration_ms: z.int().nonnegative().nullable(),
  /** Answers at their token limit, or as long as nine of ten of the model were where that is known; cost always at the limit. */
  duration_worst_ms: z.int().nonnegative().nullable(),
  cost_micro_usd: z.int().nonnegative(),
  cost_worst_micro_usd: z.int().nonnegative(),
  basis: z.string(),
})
export type RunEstimate = z.infer<typeof runEstimate>

/**
 * Who draws the samples of a baseline: the first agent's model and settings under names of their own. Tokens in and out as estimated, of
 * the debate's text calls (propose, critique, revise) and of all samples.
 */
const runBaseline = z.object({
  agents: z.array(runAgent).min(1).max(15),
  debate_tokens: z.int().nonnegative(),
  sample_tokens: z.int().nonnegative(),
})

/** A run with every default resolved, as its first event records it. */
export const runSpec = z.object({
  task_id: z.string(),
  title: z.string(),
  task: z.string(),
  attachments: z.array(z.object({ name: z.string(), content: z.string() })).default([]),
  role: z.string(),
  role_title: z.string(),
  persona: z.string(),
  agents: z.array(runAgent).min(1).max(15),
  architect: runAgent.nullable(),
  architect_k: z.int().positive(),
  rounds: z.int().nonnegative(),
  seed: z.int().nonnegative(),
  rubric: z.array(criterion).min(1),
  /** What the architect chooses by; absent: the rubric. */
  architect_rubric: z.array(criterion).min(1).optional(),
  requirements: z.array(z.object({ id: z.string(), text: z.string(), expression: z.string().optional() })),
  required_sections: z.array(z.string()).default([]),
  /** Absent where none was added. */
  additional_checks: z.array(additionalCheck.extend({ pass_at: z.number() })).optional(),
  /** As it was asked for; the dry run holds kinds and namespace against the manifests. */
  cluster_spec: clusterSpec.optional(),
  peer_review: z.boolean(),
  revision_by: revisionBy.default('author'),
  peer_scoring: z.boolean(),
  rubric_weight: z.number().min(0).max(1),
  quorum: z.int().positive().nullable().default(null),
  consensus_stop: z.boolean().default(false),
  consensus_cosine: z.number().min(0).max(1).nullable().default(null),
  baseline: runBaseline.nullable().default(null),
  prompts_version: z.string(),
  /** The starter model takes part: the run is for trying the flow, not for answers. */
  starter: z.boolean(),
  limits: z.object({
    timeout_ms: z.int().positive(),
    call_timeout_ms: z.int().positive(),
    max_retries: z.int().nonnegative(),
    tokens: z.int().positive().nullable(),
    cost_micro_usd: z.int().nonnegative().nullable(),
  }),
  deadline: z.int(),
  estimate: runEstimate,
  rerun_of: z.string().nullable().default(null),
  /** The council whose agents these were when the run was submitted. */
  council_id: z.string().nullable().default(null),
  metadata: z.record(z.string(), z.string()),
})
export type RunSpec = z.infer<typeof runSpec>

export const endReason = z.enum(['ranked', 'all_failed', 'deadline', 'cancelled', 'token_limit', 'cost_limit', 'fatal'])
