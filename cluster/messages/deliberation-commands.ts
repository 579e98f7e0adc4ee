import * as z from 'zod'
import { command } from './commands.ts'
import { metricsReply, statusReply } from './deliberation-figures.ts'
import { deliberationResult, proposalResult } from './deliberation-result.ts'
import { runFilter, runSortKey } from './deliberation-query.ts'
import { blobReference } from './blob.ts'
import { deliberationBoard, deliberationRow } from './deliberation-views.ts'
import { deliberationStatus, runEstimate } from './deliberation.ts'
import { outcomeInput, outcomeVerdict } from './outcome.ts'
import { estimateCommand, orchestrateCommand, submitCommand } from './submit-command.ts'
import { callPhase } from './work.ts'

const id = z.string().min(1).max(100)

const ids = { task_id: id.optional(), deliberation_id: id.optional() }

/** The id of the run under either of its names. */
function oneId(
  { task_id, deliberation_id }: { task_id?: string | undefined; deliberation_id?: string | undefined },
  context: z.RefinementCtx,
) {
  const given = task_id ?? deliberation_id
  if (given !== undefined && (task_id === undefined || deliberation_id === undefined || task_id === deliberation_id)) return given
  context.addIssue({ code: 'custom', path: ['task_id'], message: 'Send the id of one run, as `task_id`.' })
  return z.NEVER
}

const byId = z.strictObject(ids).transform((given, context) => ({ task_id: oneId(given, context) }))

const retryInput = z
  .strictObject({ ...ids, agent_id: id })
  .transform(({ agent_id, ...given }, context) => ({ task_id: oneId(given, context), agent_id }))

/** With `dry_run` it only tells what would go. */
const deleteInput = z
  .strictObject({ ...ids, dry_run: z.boolean().default(false) })
  .transform(({ dry_run, ...given }, context) => ({ task_id: oneId(given, context), dry_run }))

const exportInput = z
  .strictObject({ ...ids, format: z.enum(['markdown', 'json']).default('markdown') })
  .transform(({ format, ...given }, context) => ({ task_id: oneId(given, context), format }))

/** `sha256` is a reference's; `offset` counts bytes of UTF-8. */
const textInput = z
  .strictObject({ ...ids, sha256: blobReference.shape.sha256, offset: z.int().nonnegative().default(0) })
  .transform(({ sha256, offset, ...given }, context) => ({ task_id: oneId(given, context), sha256, offset }))

const [accepted, rejected, corrected] = outcomeInput.options

const outcomeCommand = z
  .discriminatedUnion('verdict', [accepted.extend(ids), rejected.extend(ids), corrected.extend(ids)])
  .transform(({ task_id, deliberation_id, ...outcome }, context) => ({
    task_id: oneId({ task_id, deliberation_id }, context),
    outcome: outcome satisfies z.output<typeof outcomeInput>,
  }))

const bothNames = { task_id: z.string(), deliberation_id: z.string() }

/** `submitted`, or in mode `wait` how far the run is. */
const submitReply = z.object({
  ...bothNames,
  status: z.union([z.literal('submitted'), deliberationStatus]),
  agent_ids: z.array(z.string()),
  num_agents: z.int().positive(),
  role: z.string(),
  rounds: z.int().nonnegative(),
  estimate: runEstimate,
  /** Milliseconds since the epoch. */
  deadline: z.int(),
  metadata: z.record(z.string(), z.string()),
  /** In mode `wait` only: what there is when the answer is given. */
  results: z.array(proposalResult).optional(),
  winner_id: z.string().nullable().optional(),
  baseline: deliberationResult.shape.baseline.optional(),
  duration_ms: z.int().nonnegative().nullable().optional(),
})

const orchestrateReply = z.object({
  ...bothNames,
  execution_id: z.string(),
  status: deliberationStatus,
  /** Null while the run goes on, and where nobody gave a proposal. */
  winner: proposalResult.nullable(),
  candidates: z.array(proposalResult),
  selection: deliberationResult.shape.selection,
  baseline: deliberationResult.shape.baseline,
  duration_ms: z.int().nonnegative().nullable(),
  metadata: deliberationResult.shape.metadata,
})

const archiveReply = z.object({ ...bothNames, archived: z.boolean() })

/** A list, or as a query has it: one text with commas between. */
const several = <T extends z.ZodType>(list: T) =>
  z
    .preprocess((given) => (typeof given === 'string' ? given.split(',').filter((part) => part.trim() !== '') : given), list)
    .prefault([])

const { shape: wanted } = runFilter

/** Of each list at least one member holds. `cursor`: the `next_cursor` of the page before, with the same filters and order. */
const listInput = z.strictObject({
  status: several(wanted.status),
  role: several(wanted.role),
  /** Parts of the name of a model that takes part. */
  model: several(wanted.model),
  /** What a person said last of the result; `none`: nobody did. */
  outcome: several(wanted.outcome),
  /** `no`: those that nobody put away. */
  archived: wanted.archived,
  /** At or after the one and before the other, in milliseconds since the epoch. */
  created_from: wanted.created_from,
  created_to: wanted.created_to,
  /** Part of the title, the id or the role. */
  text: wanted.text,
  /** Runs without the value come last either way. */
  sort: runSortKey.default('created'),
  order: z.enum(['desc', 'asc']).default('desc'),
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(200).optional(),
})

const admission = ['overloaded', 'over-budget'] as const
const lookup = ['not-found', 'expired'] as const

/** What can be asked of a plane about deliberations: `signalbox.cmd.deliberation.<verb>`. */
export const deliberationCommands = {
  submit: command({
    summary: 'Start a run',
    input: submitCommand,
    reply: submitReply,
    remembered: false,
    errors: [...admission, 'expired'],
  }),
  orchestrate: command({
    summary: 'Start a run whose winner an architect chooses unless told otherwise, and wait for it',
    input: orchestrateCommand,
    reply: orchestrateReply,
    remembered: false,
    errors: [...admission, 'expired'],
  }),
  estimate: command({
    summary: 'What a run would take; nothing is stored or sent',
    input: estimateCommand,
    reply: z.object({
      estimate: runEstimate,
      timeout_ms: z.int().positive(),
      task_tokens: z.int().nonnegative(),
      /** Why a submit would be refused. */
      problems: z.array(z.string()),
      warnings: z.array(z.string()),
    }),
    remembered: false,
    errors: [],
  }),
  result: command({ summary: 'A run as it stands', input: byId, reply: deliberationResult, remembered: false, errors: lookup }),
  board: command({
    summary: 'All there is of a run: its calls, critiques, scores, checks, outcomes and who repeats whom',
    input: byId,
    reply: deliberationBoard,
    remembered: false,
    errors: lookup,
  }),
  text: command({
    summary: 'A piece of a text that is too large for a reply; `next` is the offset of the piece after it, null at the end',
    input: textInput,
    reply: z.object({ text: z.string(), next: z.int().nullable() }),
    remembered: false,
    errors: lookup,
  }),
  export: command({
    summary: 'A run as a file: a report to read, or all of it as JSON',
    input: exportInput,
    reply: z.object({ file_name: z.string(), media_type: z.string(), text: z.string() }),
    remembered: false,
    errors: lookup,
  }),
  cancel: command({
    summary: 'End a run; its calls are stopped, finished texts are kept',
    input: byId,
    reply: z.object({ ...bothNames, status: deliberationStatus }),
    remembered: true,
    errors: [...lookup, 'conflict'],
  }),
  retry: command({
    summary: 'Make the failed call of one agent again while its phase is open',
    input: retryInput,
    reply: z.object({
      ...bothNames,
      agent_id: z.string(),
      phase: callPhase,
      round: z.int().nonnegative(),
      /** 2 for the first retry. */
      attempt: z.int().min(2),
    }),
    remembered: true,
    errors: [...lookup, 'conflict'],
  }),
  outcome: command({
    summary: 'Say what an ended run was worth: accepted, rejected or corrected',
    input: outcomeCommand,
    reply: z.object({ ...bothNames, verdict: outcomeVerdict }),
    remembered: true,
    errors: [...lookup, 'conflict'],
  }),
  archive: command({
    summary: 'Take an ended run out of the default list',
    input: byId,
    reply: archiveReply,
    remembered: true,
    errors: [...lookup, 'conflict'],
  }),
  restore: command({
    summary: 'Put an archived run back into the default list',
    input: byId,
    reply: archiveReply,
    remembered: true,
    errors: [...lookup, 'conflict'],
  }),
  delete: command({
    summary: 'Remove an ended run for good; its id is answered with `expired` from then on',
    input: deleteInput,
    reply: z.object({
      ...bothNames,
      /** False after a dry run. */
      deleted: z.boolean(),
      /** What it takes out of the log, and how many texts of agents go with it. */
      removal: z.object({ events: z.int().nonnegative(), bytes: z.int().nonnegative(), texts: z.int().nonnegative() }),
    }),
    remembered: true,
    errors: [...lookup, 'conflict'],
  }),
  list: command({
    summary: 'Runs by what is asked of them, newest first unless told otherwise',
    input: listInput,
    reply: z.object({
      rows: z.array(deliberationRow),
      /** All that match, not only this page. */
      total: z.int().nonnegative(),
      next_cursor: z.string().nullable(),
    }),
    remembered: false,
    errors: [],
  }),
  status: command({
    summary: 'Totals over all runs',
    input: z.strictObject({}),
    reply: statusReply,
    remembered: false,
    errors: [],
  }),
  metrics: command({
    summary: 'How long runs took, and how many succeeded',
    input: z.strictObject({ window_ms: z.int().min(1000).max(31_536_000_000).default(86_400_000) }),
    reply: metricsReply,
    remembered: false,
    errors: [],
  }),
}
