import * as z from 'zod'
import { runEstimate, submitDeliberation } from '../../cluster/messages/deliberation.ts'
import {
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
import { call, stream } from './define.ts'

export const listFilter = z.enum(['all', 'running', 'done', 'failed'])

export const listQuery = z.strictObject({
  filter: listFilter.default('all'),
  /** Matched against title, id and role. */
  text: z.string().max(200).default(''),
  limit: z.int().min(1).max(200).default(100),
})
export type ListQuery = z.input<typeof listQuery>

/** A page of the list: first a snapshot, then rows that changed or left. `total` counts all that match, not just those sent. */
export const listUpdate = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    rows: z.array(deliberationRow),
    total: z.int(),
    counts: z.record(listFilter, z.int()),
  }),
  z.object({
    type: z.literal('changes'),
    upserts: z.array(deliberationRow),
    removed: z.array(z.string()),
    total: z.int(),
    counts: z.record(listFilter, z.int()),
  }),
])
export type ListUpdate = z.infer<typeof listUpdate>

/** One run: first the whole board, then the parts that changed (merge by key; arrays `ranking`, `checks` and `outcomes` replace). */
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
    selection: deliberationBoard.shape.selection,
    outcomes: deliberationBoard.shape.outcomes,
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
  submit: call(
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
  cancel: call(byId, z.object({ row: deliberationRow })),
  /** What the operator says of an ended run with a proposal. A later outcome counts, the earlier ones stay. */
  recordOutcome: call(z.strictObject({ ...byId.shape, outcome: outcomeInput }), z.object({ row: deliberationRow })),
  /** Takes an ended run out of the default list, or puts it back. */
  setArchived: call(z.strictObject({ ...byId.shape, archived: z.boolean() }), z.object({ row: deliberationRow })),
  /** An ended run no longer asks for attention. */
  dismiss: call(byId, z.object({ row: deliberationRow })),
  /** The run in full; `not-found` for an id never seen, `expired` for one that retention removed. */
  get: call(byId, deliberationBoard),
  watchList: stream(listQuery, listUpdate),
  watch: stream(byId, boardUpdate),
  watchLive: stream(byId, liveUpdate),
}
