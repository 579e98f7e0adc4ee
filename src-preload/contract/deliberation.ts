import * as z from 'zod'
import { blobReference } from '../../cluster/messages/blob.ts'
import { runEstimate, submitDeliberation } from '../../cluster/messages/deliberation.ts'
import { bulkAction, bulkOperation, bulkPreview, bulkRuns } from '../../cluster/messages/bulk.ts'
import { listedStatus, runQuery } from '../../cluster/messages/deliberation-query.ts'
import {
  boardBaseline,
  boardCall,
  boardCritique,
  boardPhase,
  boardScores,
  boardVersion,
  deliberationBoard,
  deliberationRow,
} from '../../cluster/messages/deliberation-views.ts'
import { liveMessage } from '../../cluster/messages/live.ts'
import { outcomeInput } from '../../cluster/messages/outcome.ts'
import { callPrompt } from '../../cluster/messages/sent-prompt.ts'
import { workItem } from '../../cluster/messages/work.ts'
import { call, command, stream } from './define.ts'

export { type BulkAction, type BulkOperation, type BulkPreview, type BulkRuns } from '../../cluster/messages/bulk.ts'
export {
  runFilter,
  runOrder,
  runSortKey,
  type RunFilter,
  type RunOrder,
  type RunQuery,
  type RunSortKey,
} from '../../cluster/messages/deliberation-query.ts'
export { additionalCheck, MAX_ADDITIONAL_CHECKS } from '../../cluster/messages/additional-checks.ts'
export { MAX_CORRECTION_BYTES } from '../../cluster/messages/outcome.ts'
export { clusterSpec, MAX_ATTACHED_BYTES, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from '../../cluster/messages/deliberation.ts'

const byStatus = z.record(listedStatus, z.int())

/** How many runs there are that nobody archived, in the groups that a glance needs. */
const runCounts = z.object({ all: z.int(), running: z.int(), done: z.int(), failed: z.int() })

/** The newest runs and all in motion, newest first: first a snapshot, then rows that changed or went. */
export const newestUpdate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), rows: z.array(deliberationRow), counts: runCounts }),
  z.object({
    type: z.literal('changes'),
    upserts: z.array(deliberationRow),
    removed: z.array(z.string()),
    counts: runCounts,
  }),
])
export type NewestUpdate = z.infer<typeof newestUpdate>

/** Rows of a list that cross at once: some 25 kB. */
export const LIST_ROWS = 50

const listId = z.string().min(8).max(64)

/**
 * An open list. The runs that match when it is opened keep their places for as long as it is open, whatever happens to them: nothing
 * jumps under a pointer. `snapshot`: its first rows, at once. `totals`: how many places it has. `changes`: rows in sight that
 * changed, rows in sight that match no longer, and runs that have come to match since (`fresh`: the newest of them).
 */
export const listUpdate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), rows: z.array(deliberationRow) }),
  z.object({ type: z.literal('totals'), total: z.int(), by_status: byStatus }),
  z.object({
    type: z.literal('changes'),
    upserts: z.array(deliberationRow),
    left: z.array(z.string()),
    fresh: z.array(deliberationRow),
    fresh_total: z.int(),
    by_status: byStatus,
  }),
])
export type ListUpdate = z.infer<typeof listUpdate>

/** One run: first the whole board, then the parts that changed (merge by key; arrays `ranking`, `checks`, `outcomes` and `reruns` replace). */
export const boardUpdate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), board: deliberationBoard }),
  z.object({
    type: z.literal('changes'),
    row: deliberationRow,
    phases: z.array(boardPhase),
    calls: z.array(boardCall),
    versions: z.array(boardVersion),
    critiques: z.array(boardCritique),
    scores: z.array(boardScores),
    checks: deliberationBoard.shape.checks,
    ranking: deliberationBoard.shape.ranking,
    agreement: z.number().nullable(),
    position_bias: z.number().nullable(),
    rounds_stopped: deliberationBoard.shape.rounds_stopped,
    measures: deliberationBoard.shape.measures,
    selection: deliberationBoard.shape.selection,
    /** Left out where it is as before. */
    baseline: boardBaseline.nullable().optional(),
    outcomes: deliberationBoard.shape.outcomes,
    reruns: deliberationBoard.shape.reruns,
  }),
])
export type BoardUpdate = z.infer<typeof boardUpdate>

/** What is being written now: first every open call's state and text so far, then what is new. */
export const liveCall = z.object({
  id: z.string(),
  state: z.enum(['queued', 'running', 'retrying']),
  since: z.int(),
  attempt: z.int(),
  error: z.string().nullable(),
  text: z.string(),
  first_text_at: z.int().nullable(),
})
export type LiveCall = z.infer<typeof liveCall>

export const liveUpdate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), calls: z.array(liveCall) }),
  z.object({ type: z.literal('changes'), messages: z.array(liveMessage) }),
])
export type LiveUpdate = z.infer<typeof liveUpdate>

const byId = z.strictObject({ task_id: z.string().min(1).max(100) })

export const deliberation = {
  /** Starts a run. The id comes back before any model is called. A repeated `command_id` gets the first answer. */
  submit: command(
    z.strictObject({ command_id: z.string().min(8).max(100), run: submitDeliberation }),
    z.object({ task_id: z.string(), estimate: runEstimate, deadline: z.int() }),
  ),
  /** What the run would take; nothing is sent to a model. */
  estimate: call(
    z.strictObject({ run: submitDeliberation }),
    z.object({
      estimate: runEstimate,
      timeout_ms: z.int(),
      task_tokens: z.int(),
      task_tokens_limit: z.int(),
      /** Reasons why a launch would be refused or cut, in plain words. */
      problems: z.array(z.string()),
      warnings: z.array(z.string()),
    }),
  ),
  cancel: command(byId, z.object({ row: deliberationRow })),
  /** Makes the failed call of one agent again while its phase is open. A repeated `command_id` gets the first answer. */
  retry: command(
    z.strictObject({ command_id: z.string().min(8).max(100), ...byId.shape, agent_id: z.string().min(1).max(100) }),
    z.object({ row: deliberationRow }),
  ),
  /** What the operator says of an ended run with a proposal. A later outcome counts, the earlier ones stay. */
  recordOutcome: command(z.strictObject({ ...byId.shape, outcome: outcomeInput }), z.object({ row: deliberationRow })),
  /** Takes an ended run out of the default list, or puts it back. */
  setArchived: command(z.strictObject({ ...byId.shape, archived: z.boolean() }), z.object({ row: deliberationRow })),
  /** An ended run no longer asks for attention. */
  dismiss: command(byId, z.object({ row: deliberationRow })),
  /** What deleting an ended run would remove. */
  weighRemoval: call(byId, z.object({ events: z.int(), bytes: z.int(), texts: z.int() })),
  /** Deletes an ended run for good; its id is answered with `expired` from then on. */
  remove: command(byId, z.object({})),
  /** The run as a file: a report to read, or all of it as JSON. */
  export: call(
    z.strictObject({ ...byId.shape, format: z.enum(['markdown', 'json']) }),
    z.object({ file_name: z.string(), media_type: z.string(), text: z.string() }),
  ),
  /** The run in full; `not-found` for an id never seen, `expired` for one that retention removed. */
  get: call(byId, deliberationBoard),
  /** A piece of a text that is too large for the board, by its reference; `next` is the offset of the piece after it, null at the end. */
  text: call(
    z.strictObject({
      task_id: z.string().min(1).max(100),
      sha256: blobReference.shape.sha256,
      offset: z.int().nonnegative().default(0),
    }),
    z.object({ text: z.string(), next: z.int().nullable() }),
  ),
  /** A call exactly as it was sent, with what followed where it was asked once more; `not-found` where none was, or before prompts were kept. */
  prompt: call(
    z.strictObject({ ...byId.shape, ...workItem.pick({ round: true, phase: true, agent_id: true, attempt: true }).shape }),
    callPrompt,
  ),
  watchNewest: stream(z.strictObject({ limit: z.int().min(1).max(200).default(50) }), newestUpdate),
  /** Opens a list under an id that the caller makes up. `listRows` reads on in it; it is closed when the stream ends. */
  watchList: stream(z.strictObject({ list_id: listId, query: runQuery }), listUpdate),
  /** Rows by place, null for one that was removed. From then on the stream speaks of changes in these. */
  listRows: call(
    z.strictObject({ list_id: listId, from: z.int().nonnegative(), count: z.int().min(1).max(LIST_ROWS) }),
    z.object({ rows: z.array(deliberationRow.nullable()) }),
  ),
  /** The first few that match, once. */
  find: call(
    z.strictObject({ query: runQuery, limit: z.int().min(1).max(LIST_ROWS) }),
    z.object({ rows: z.array(deliberationRow) }),
  ),
  /** What an action would do to these runs now. */
  previewBulk: call(z.strictObject({ action: bulkAction, runs: bulkRuns }), bulkPreview),
  /** Fixes the runs that the action applies to, and begins. A repeated `operation_id` gets the first operation. */
  startBulk: command(
    z.strictObject({ operation_id: z.string().min(8).max(64), action: bulkAction, runs: bulkRuns }),
    bulkOperation,
  ),
  /** Stops an operation; what was done stays. */
  stopBulk: command(z.strictObject({ operation_id: z.string().min(8).max(64) }), z.object({})),
  /** The last operations, the newest first. */
  watchBulk: stream(z.strictObject({}), z.object({ operations: z.array(bulkOperation) })),
  /** What a filter can be completed with. */
  listTerms: call(z.strictObject({}), z.object({ models: z.array(z.string()) })),
  watch: stream(byId, boardUpdate),
  watchLive: stream(byId, liveUpdate),
}
