import * as z from 'zod'
import { rubricWeight, submitDeliberation } from './deliberation.ts'
import { wordingOf } from './issue-wording.ts'

const note = z.string().trim().min(1).max(500).optional()

const { shape } = submitDeliberation
const options = shape.options.unwrap()
const limits = shape.limits.unwrap()

/** Other names that clients use for parts of the one submit schema. */
const aliases = {
  task: shape.task.optional(),
  task_description: shape.task.optional(),
  /** The same as `limits.cost_micro_usd`. */
  budget_micro_usd: z.int().nonnegative().optional(),
  /** What the run belongs to elsewhere; kept in its metadata. */
  board_task_id: note,
  case_id: note,
  story_id: note,
  plan_id: note,
  constraints: shape.constraints
    .unwrap()
    .extend({
      /** Both the same as `rounds`. */
      max_iterations: shape.rounds,
      deliberation_rounds: shape.rounds,
      /** The same as in `limits`. */
      timeout_seconds: limits.shape.timeout_seconds,
      max_retries: limits.shape.max_retries.unwrap().optional(),
      /** Joined with the run's own. */
      metadata: shape.metadata.unwrap().optional(),
      /** `k` is the same as `options.architect_k`; the rest are criteria. */
      architect_rubric: z.object({ k: options.shape.architect_k.unwrap().optional() }).catchall(rubricWeight).optional(),
    })
    .prefault({}),
  // Without the defaults of fields that have another name: what was not sent must not disagree with what was.
  options: options
    .extend({
      selection: options.shape.selection.unwrap().optional(),
      architect_k: options.shape.architect_k.unwrap().optional(),
      /** The same as `peer_review`. */
      enable_peer_review: options.shape.peer_review,
      /** The same as `rounds`. */
      deliberation_rounds: shape.rounds,
      /** True is `selection: architect`, false `selection: rank`. */
      enable_architect_selection: z.boolean().optional(),
    })
    .prefault({}),
  limits: limits.extend({ max_retries: limits.shape.max_retries.unwrap().optional() }).prefault({}),
}

/** How long a command in mode `wait` waits for the end of the run before it tells how far it is. */
const waitTimeout = z.int().min(0).max(600_000).default(60_000)

const run = { ...shape, ...aliases }
const fields = { ...run, wait_timeout_ms: waitTimeout }

/** `submit`: `async` answers at once, `wait` when the run has ended or the wait is over. */
export const submitCommand = z
  .strictObject({ ...fields, mode: z.enum(['async', 'wait']).default('async') })
  .transform(({ mode, wait_timeout_ms, ...given }, context) => ({ mode, wait_timeout_ms, run: runOf(given, context) }))

/** `orchestrate`: a submit in which an architect chooses the winner, unless it says otherwise; waited for. */
export const orchestrateCommand = z
  .strictObject(fields)
  .transform(({ wait_timeout_ms, ...given }, context) => ({ wait_timeout_ms, run: runOf(given, context, 'architect') }))

/** `estimate`: a submit that is only weighed. */
export const estimateCommand = z.strictObject(run).transform((given, context) => runOf(given, context))

type Given = z.output<z.ZodObject<typeof run>>

/** The run that is asked for under whatever names. */
function runOf(given: Given, context: z.RefinementCtx, selection?: 'architect'): z.output<typeof submitDeliberation> {
  const { task_description, budget_micro_usd, board_task_id, case_id, story_id, plan_id, constraints, options, ...rest } = given
  const {
    max_iterations,
    deliberation_rounds,
    timeout_seconds,
    max_retries,
    architect_rubric = {},
    metadata: noted = {},
    ...demands
  } = constraints
  const { enable_peer_review, deliberation_rounds: optionRounds, enable_architect_selection, ...choices } = options
  const { k, ...criteria } = architect_rubric
  const chosen = enable_architect_selection === undefined ? undefined : enable_architect_selection ? 'architect' : 'rank'
  const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: path.split('.'), message })
  const one = <T>(names: Readonly<Record<string, T | undefined>>) => oneOf(names, wrong)

  const task = one({ task: rest.task, task_description })
  if (task === undefined) wrong('task', 'The task is missing.')
  const tags = Object.entries({ board_task_id, case_id, story_id, plan_id }).filter(([, value]) => value !== undefined)
  for (const key of Object.keys(noted))
    one({ [`metadata.${key}`]: rest.metadata[key], [`constraints.metadata.${key}`]: noted[key] })
  const whole = {
    ...rest,
    task,
    rounds: one({
      rounds: rest.rounds,
      'constraints.max_iterations': max_iterations,
      'constraints.deliberation_rounds': deliberation_rounds,
      'options.deliberation_rounds': optionRounds,
    }),
    constraints: { ...demands, ...(Object.keys(criteria).length > 0 && { architect_rubric: criteria }) },
    options: {
      ...choices,
      peer_review: one({ 'options.peer_review': choices.peer_review, 'options.enable_peer_review': enable_peer_review }),
      selection: one({ 'options.selection': choices.selection, 'options.enable_architect_selection': chosen }) ?? selection,
      architect_k: one({ 'options.architect_k': choices.architect_k, 'constraints.architect_rubric.k': k }),
    },
    limits: {
      ...rest.limits,
      timeout_seconds: one({
        'limits.timeout_seconds': rest.limits.timeout_seconds,
        'constraints.timeout_seconds': timeout_seconds,
      }),
      max_retries: one({ 'limits.max_retries': rest.limits.max_retries, 'constraints.max_retries': max_retries }),
      cost_micro_usd: one({ 'limits.cost_micro_usd': rest.limits.cost_micro_usd, budget_micro_usd }),
    },
    metadata: { ...noted, ...rest.metadata, ...Object.fromEntries(tags) },
  }
  const read = submitDeliberation.safeParse(whole, { error: wordingOf })
  if (read.success) return read.data
  for (const { path, message } of read.error.issues) if (path[0] !== 'task') context.addIssue({ code: 'custom', path, message })
  return z.NEVER
}

/** The value of a field that may be sent under several names; two that disagree are refused by both. */
function oneOf<T>(names: Readonly<Record<string, T | undefined>>, wrong: (path: string, message: string) => void): T | undefined {
  const [first, ...others] = Object.entries(names).filter(([, value]) => value !== undefined)
  const other = others.find(([, value]) => value !== first?.[1])
  if (first && other)
    wrong(other[0], `\`${first[0]}\` and \`${other[0]}\` are two names of one field and say different things: send one.`)
  return first?.[1]
}
