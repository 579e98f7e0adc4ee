import { estimateRun, parseRubric, planBaseline, scoreTokens, type RunSpec } from '../../domain/deliberation/index.ts'
import type { RubricInput, RunAgent, RunEstimate, SubmittedDeliberation } from '../../messages/deliberation.ts'
import { roleName, type Role } from '../../messages/roles.ts'
import type { Checks } from '../../ports/checks.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DeliberationReads } from '../../ports/deliberation-reads.ts'
import type { Engines, ServedModel } from '../../ports/engines.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { readPrice } from '../prices.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { readRoles } from '../library/roles.ts'
import { architectAgent, resolveAgents } from './agents.ts'
import { NO_EMBEDDING_MODEL } from './measure.ts'
import { teamOf } from './team.ts'
import { resolveRequirements, whyNoCheck } from './usable-expressions.ts'

export interface ResolvePorts {
  readonly checks: Checks
  readonly engines: Engines
  readonly state: SmallState
  readonly clock: Clock
  /** Random characters for a new run's id. */
  readonly newId: () => string
  readonly newSeed: () => number
  readonly parseText: (text: string) => unknown
  readonly shippedRoles: readonly Role[]
  /** How long the answers of a model were so far. */
  readonly answerSizes: DeliberationReads['answerSizes']
  readonly promptsVersion: string
}

const MIN_RUN_TIMEOUT_MS = 300_000
const MIN_CALL_TIMEOUT_MS = 60_000
/** For time limits only: how fast a model is taken to be before it was measured. Never shown as an estimate. */
const UNMEASURED_TOKENS_PER_SECOND = 20
/** What critiques and scores may take, whatever a free text may. */
const STRUCTURED_TOKENS = 1024

/** What a scorer's reply may take of its context at most: the texts need the rest. */
const SCORE_SHARE = 0.75

/** Why a resolved run would not be let in. */
export interface Problem {
  readonly code: 'over-budget' | 'invalid-input'
  readonly field: string
  readonly message: string
}

export type Resolved = {
  readonly kind: 'resolved'
  readonly spec: RunSpec
  readonly taskTokens: number
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

/** Fills in every default: role, agents, models with context and price, rubric, limits, deadline. */
export async function resolve(ports: ResolvePorts, taskId: string, input: SubmittedDeliberation): Promise<Resolved | Refusal> {
  const roles = await readRoles(ports.state, ports.shippedRoles)
  const team = await teamOf(ports.state, input)
  if ('kind' in team) return team
  const role = roles.find((candidate) => candidate.name === roleName(team.role))
  if (!role)
    return refuse('invalid-input', `There is no role "${team.role}". Known: ${roles.map((r) => r.name).join(', ')}.`, {
      field: 'role',
    })

  const served = await ports.engines.served()
  const agents = await resolveAgents(ports, input, team.agents, role, served)
  if ('kind' in agents) return agents
  const { quorum = null } = input.options
  if (quorum !== null && quorum > agents.length)
    return refuse(
      'invalid-input',
      `A quorum of ${quorum} answers can never be reached by ${agents.length} agents; ask for at most ${agents.length}.`,
      {
        field: 'options.quorum',
      },
    )
  const refusedCosine = await whyNoCosine(ports.engines, input.options)
  if (refusedCosine) return refusedCosine
  const architect = input.options.selection === 'architect' ? await architectAgent(ports, input, roles, agents, served) : null
  if (architect && 'kind' in architect) return architect

  const rubric = readRubric(ports, input.constraints.rubric ?? rubricMap(role), 'constraints.rubric')
  if ('kind' in rubric) return rubric
  const { architect_rubric: own } = input.constraints
  const architectRubric = own && readRubric(ports, own, 'constraints.architect_rubric')
  if (architectRubric && 'kind' in architectRubric) return architectRubric

  const now = ports.clock.now()
  const requirements = await resolveRequirements(ports.checks, input)
  if ('kind' in requirements) return requirements
  const badCheck = await whyNoCheck(ports.checks, team.additionalChecks)
  if (badCheck) return badCheck
  const draft = {
    task_id: taskId,
    title: input.title ?? titleOf(input.task),
    task: input.task,
    attachments: input.attachments,
    role: role.name,
    role_title: role.title,
    persona: role.persona,
    agents,
    architect,
    architect_k: input.options.architect_k,
    rounds: team.peerReview ? team.rounds : 0,
    seed: input.seed ?? ports.newSeed(),
    rubric,
    ...(architectRubric && { architect_rubric: architectRubric }),
    requirements,
    required_sections: input.constraints.required_sections ?? role.required_sections,
    ...(team.additionalChecks.length > 0 && { additional_checks: [...team.additionalChecks] }),
    cluster_spec: input.constraints.cluster_spec,
    peer_review: team.peerReview && team.rounds > 0,
    revision_by: team.revisionBy,
    peer_scoring: input.options.peer_scoring && agents.length > 1,
    rubric_weight: input.options.rubric_weight,
    quorum,
    consensus_stop: input.options.consensus_stop,
    consensus_cosine: input.options.consensus_cosine ?? null,
    prompts_version: ports.promptsVersion,
    starter: [...agents, ...(architect ? [architect] : [])].some((agent) => agent.starter),
    rerun_of: input.rerun_of ?? null,
    council_id: input.council_id ?? null,
    metadata: input.metadata,
  }
  const taskTokens = await ports.engines.countTokens(draft.agents[0]?.model ?? { engine_id: '', model: '' }, input.task)
  const attachedTokens = await ports.engines.countTokens(
    draft.agents[0]?.model ?? { engine_id: '', model: '' },
    input.attachments.map((file) => file.content).join('\n'),
  )
  const answers = [...agents, ...(architect ? [architect] : [])].map(({ model }) => ({ model, sizes: ports.answerSizes(model) }))
  const baseline = input.options.baseline ? planBaseline({ ...draft, task_tokens: taskTokens, answers }) : null
  const taken = agents.find((agent) => baseline?.agents.some((sample) => sample.agent_id === agent.agent_id))
  if (taken)
    return refuse('invalid-input', `${taken.agent_id} is the name of a sample of the baseline; give the agent another id.`, {
      field: 'agents',
    })
  const rates = served.map(({ reference, tokensPerSecond, parallel }) => ({ model: reference, tokensPerSecond, parallel }))
  const runEstimate = estimateRun({ ...draft, baseline, task_tokens: taskTokens, answers }, rates)
  const spec: RunSpec = {
    ...draft,
    baseline,
    limits: {
      timeout_ms:
        input.limits.timeout_seconds === undefined ? defaultTimeoutMs(runEstimate) : input.limits.timeout_seconds * 1000,
      call_timeout_ms: callTimeoutMs(input, agents, served),
      max_retries: input.limits.max_retries,
      tokens: input.limits.tokens ?? null,
      cost_micro_usd: input.limits.cost_micro_usd ?? null,
    },
    deadline: 0,
    estimate: runEstimate,
  }
  const unpriced = await labelsWithoutPrice(ports.state, [...agents, ...(architect ? [architect] : [])])
  return {
    kind: 'resolved',
    spec: { ...spec, deadline: now + spec.limits.timeout_ms },
    taskTokens,
    problems: [...priceProblems(spec, unpriced), ...problemsOf(spec, taskTokens)],
    warnings: [...priceWarnings(spec, unpriced), ...warningsOf(spec, taskTokens + attachedTokens)],
  }
}

function readRubric({ parseText }: ResolvePorts, given: RubricInput, field: string): RunSpec['rubric'] | Refusal {
  try {
    return parseRubric(given, parseText)
  } catch (fault) {
    return refuse('invalid-input', fault instanceof Error ? fault.message : 'The rubric cannot be read.', { field })
  }
}

function rubricMap({ rubric }: Role): RubricInput {
  return Object.fromEntries(
    rubric.map(({ name, weight, description }) => [name, { weight, ...(description !== undefined && { description }) }]),
  )
}

/** A run that is to stop by how alike its texts are needs the stop itself, and a model that tells. */
async function whyNoCosine(
  engines: Engines,
  { consensus_stop, consensus_cosine }: SubmittedDeliberation['options'],
): Promise<Refusal | undefined> {
  const field = { field: 'options.consensus_cosine' }
  if (consensus_cosine === undefined) return undefined
  if (!consensus_stop)
    return refuse('invalid-input', 'consensus_cosine is a value of consensus_stop: set that to true, too.', field)
  if ((await engines.embedders()).length > 0) return undefined
  return refuse('unavailable', `${NO_EMBEDDING_MODEL} Or leave consensus_cosine out.`, field)
}

/** max(300 s, 3 × the estimate). */
function defaultTimeoutMs({ duration_ms, tokens_out }: RunEstimate): number {
  return Math.max(MIN_RUN_TIMEOUT_MS, Math.round(3 * (duration_ms ?? (tokens_out / UNMEASURED_TOKENS_PER_SECOND) * 1000)))
}

/** max(configured or 60 s, 3 × what the slowest model needs for its longest answer); a configured limit yields to measured rates only. */
function callTimeoutMs(input: SubmittedDeliberation, agents: readonly RunAgent[], served: readonly ServedModel[]): number {
  const configured = (input.limits.call_timeout_seconds ?? 0) * 1000
  const expected = agents.map((agent) => {
    const rate = served.find(
      ({ reference }) => reference.engine_id === agent.model.engine_id && reference.model === agent.model.model,
    )?.tokensPerSecond
    const assumed = rate ?? (configured === 0 ? UNMEASURED_TOKENS_PER_SECOND : Infinity)
    return (Math.max(agent.max_tokens, STRUCTURED_TOKENS) / assumed) * 1000
  })
  return Math.round(Math.max(configured || MIN_CALL_TIMEOUT_MS, 3 * Math.max(...expected)))
}

/** Models of endpoints that the operator gave no price. */
async function labelsWithoutPrice(state: SmallState, agents: readonly RunAgent[]): Promise<readonly string[]> {
  const found = await Promise.all(agents.map(async ({ model, label }) => ((await readPrice(state, model)) ? [] : [label])))
  return [...new Set(found.flat())]
}

/** What costs nobody knows how much cannot be held to a cost. */
function priceProblems({ limits }: RunSpec, unpriced: readonly string[]): Problem[] {
  if (limits.cost_micro_usd === null || unpriced.length === 0) return []
  const message = `No price is set for ${unpriced.join(', ')}: a limit of cost could not be held. Set a price on Models & engines, or limit tokens or time instead.`
  return [{ code: 'invalid-input', field: 'limits.cost_micro_usd', message }]
}

function priceWarnings({ limits }: RunSpec, unpriced: readonly string[]): string[] {
  if (limits.cost_micro_usd !== null || unpriced.length === 0) return []
  return [
    `No price is set for ${unpriced.join(', ')}: what it costs is not counted and shows as $0. Set a price on Models & engines.`,
  ]
}

function problemsOf(spec: RunSpec, taskTokens: number): Problem[] {
  const problems: Problem[] = []
  const { tokens, cost_micro_usd } = spec.limits
  const narrowest = Math.min(...spec.agents.map((agent) => agent.context_tokens - agent.max_tokens))
  if (taskTokens > narrowest)
    problems.push({
      code: 'invalid-input',
      field: 'task',
      message: `The task has about ${taskTokens} tokens; the smallest context here leaves ${narrowest} for the prompt. Shorten it or choose a model with a larger context.`,
    })
  const crowded = spec.peer_scoring
    ? spec.agents.find((agent) => scoreTokens(agent, spec) > SCORE_SHARE * agent.context_tokens)
    : undefined
  if (crowded)
    problems.push({
      code: 'invalid-input',
      field: 'constraints.requirements',
      message: `To score ${spec.agents.length - 1 + (spec.baseline?.agents.length ?? 0)} texts on ${spec.rubric.length} criteria and ${spec.requirements.length} requirements ${crowded.agent_id} may write ${scoreTokens(crowded, spec)} tokens; of its context of ${crowded.context_tokens} too little would be left for the texts. Take fewer of them, or a model with a larger context.`,
    })
  const needed = spec.estimate.tokens_in + spec.estimate.tokens_out
  if (tokens !== null && needed > tokens)
    problems.push({
      code: 'over-budget',
      field: 'limits.tokens',
      message: `The run needs about ${needed} tokens, the limit is ${tokens}. Raise the limit, or take fewer agents or rounds.`,
    })
  if (cost_micro_usd !== null && spec.estimate.cost_micro_usd > cost_micro_usd)
    problems.push({
      code: 'over-budget',
      field: 'limits.cost_micro_usd',
      message: `The run costs about $${(spec.estimate.cost_micro_usd / 1e6).toFixed(4)}, the limit is $${(cost_micro_usd / 1e6).toFixed(4)}.`,
    })
  return problems
}

function warningsOf(spec: RunSpec, promptTokens: number): string[] {
  const warnings: string[] = []
  const crowded = spec.agents.find((agent) => promptTokens > agent.context_tokens - agent.max_tokens)
  if (spec.attachments.length > 0 && crowded)
    warnings.push(
      `Task and files have about ${promptTokens} tokens, which does not fit the context of ${crowded.agent_id} (${crowded.context_tokens}): the longest will be cut, with a mark where.`,
    )
  if (spec.architect_rubric && !spec.architect)
    warnings.push('architect_rubric is for an architect, and none chooses here: set options.selection to architect.')
  if (spec.starter) warnings.push('The starter model is for trying the flow: it is too weak for real answers.')
  if (spec.baseline) warnings.push(...baselineWarnings(spec, spec.baseline))
  const { duration_ms } = spec.estimate
  if (duration_ms !== null && duration_ms > spec.limits.timeout_ms)
    warnings.push('The run will probably not end within its time limit; it would then end as TIMEOUT with what it has.')
  if (spec.agents.length > 1 && new Set(spec.agents.map((agent) => agent.label)).size === 1)
    warnings.push('All agents use one model: they differ by temperature and instruction only.')
  return warnings
}

/** Estimates further apart than this are not called equal. */
const EQUAL_WITHIN = 0.25

function baselineWarnings(spec: RunSpec, { agents, debate_tokens, sample_tokens }: NonNullable<RunSpec['baseline']>): string[] {
  const warnings: string[] = []
  if (Math.abs(sample_tokens - debate_tokens) > EQUAL_WITHIN * debate_tokens)
    warnings.push(
      `The baseline is not at equal tokens: its ${agents.length} samples take about ${sample_tokens}, the debate about ${debate_tokens}. At most 15 samples are drawn, and no more than the scorers’ contexts hold.`,
    )
  if (agents[0]?.temperature === 0)
    warnings.push('At temperature 0 the samples of the baseline are all alike; raise the temperature of the first agent.')
  const scoring = spec.estimate.phases
    .filter(({ phase }) => phase === 'score')
    .reduce((sum, each) => sum + each.tokens_in + each.tokens_out, 0)
  if (scoring > debate_tokens)
    warnings.push(
      `With the baseline each scorer reads and judges ${agents.length} texts more: scoring takes about ${scoring} of the run’s ${spec.estimate.tokens_in + spec.estimate.tokens_out} tokens.`,
    )
  if (!spec.peer_scoring) warnings.push('Without peer scoring the baseline is compared by checks only.')
  return warnings
}

function titleOf(task: string): string {
  const line = task.split('\n').find((text) => /[\p{L}\p{N}]/u.test(text)) ?? task
  const plain = line.replace(/^[#>*\-\s]+/, '').trim()
  return plain.length <= 80 ? plain : `${plain.slice(0, 79)}…`
}
