import * as z from 'zod'
import { submitDeliberation } from './deliberation.ts'

const note = z.string().trim().min(1).max(500).optional()

/** Other names that clients use for parts of the one submit schema. */
const aliases = {
  task: submitDeliberation.shape.task.optional(),
  task_description: submitDeliberation.shape.task.optional(),
  /** The same as `limits.cost_micro_usd`. */
  budget_micro_usd: z.int().nonnegative().optional(),
  /** What the run belongs to elsewhere; kept in its metadata. */
  board_task_id: note,
  case_id: note,
  story_id: note,
  plan_id: note,
}

/** How long a command in mode `wait` waits for the end of the run before it tells how far it is. */
const waitTimeout = z.int().min(0).max(600_000).default(60_000)

const fields = { ...submitDeliberation.shape, ...aliases, wait_timeout_ms: waitTimeout }

/** `submit`: `async` answers at once, `wait` when the run has ended or the wait is over. */
export const submitCommand = z
  .strictObject({ ...fields, mode: z.enum(['async', 'wait']).default('async') })
  .transform(({ mode, wait_timeout_ms, ...given }, context) => ({ mode, wait_timeout_ms, run: runOf(given, context) }))

/** `orchestrate`: a submit in which an architect chooses the winner, waited for. */
export const orchestrateCommand = z.strictObject(fields).transform(({ wait_timeout_ms, ...given }, context) => ({
  wait_timeout_ms,
  run: runOf({ ...given, options: { ...given.options, selection: 'architect' as const } }, context),
}))

type Given = Omit<z.output<z.ZodObject<typeof fields>>, 'wait_timeout_ms'>

/** The run that is asked for under whatever names. */
function runOf(given: Given, context: z.RefinementCtx): z.output<typeof submitDeliberation> {
  const { task, task_description, budget_micro_usd, board_task_id, case_id, story_id, plan_id, ...rest } = given
  const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  if (task === undefined && task_description === undefined) wrong('task', 'The task is missing.')
  if (task !== undefined && task_description !== undefined)
    wrong('task_description', '`task` and `task_description` are two names of one field: send one.')
  if (budget_micro_usd !== undefined && rest.limits.cost_micro_usd !== undefined)
    wrong('budget_micro_usd', '`budget_micro_usd` and `limits.cost_micro_usd` are two names of one field: send one.')

  const tags = Object.entries({ board_task_id, case_id, story_id, plan_id }).filter(([, value]) => value !== undefined)
  const run = submitDeliberation.safeParse({
    ...rest,
    task: task ?? task_description,
    limits: { ...rest.limits, ...(budget_micro_usd !== undefined && { cost_micro_usd: budget_micro_usd }) },
    metadata: { ...rest.metadata, ...Object.fromEntries(tags) },
  })
  if (run.success) return run.data
  for (const { path, message } of run.error.issues) if (path[0] !== 'task') context.addIssue({ code: 'custom', path, message })
  return z.NEVER
}
