import { withWholeTexts, type EmbeddedPlane, type Refusal } from '../../../cluster/entries/embedded.ts'
import { runQuery } from '../../../cluster/messages/deliberation-query.ts'
import type { DeliberationBoard, DeliberationRow } from '../../../cluster/messages/deliberation-views.ts'
import { exportRun } from '../../../cluster/read-models/deliberations/export.ts'
import type { BoardUpdate, NewestUpdate } from '../../../src-preload/contract/deliberation.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import { boardChanges } from '../feeds/board-changes.ts'
import { changes, ticks } from '../feeds/changes.ts'
import type { LiveHub } from '../feeds/live-hub.ts'
import { merged } from '../feeds/merged.ts'
import { openLists } from '../feeds/open-lists.ts'
import { runCounts } from '../feeds/run-counts.ts'
import { bulkHandlers } from './bulk.ts'
import { accept } from './refusals.ts'

const NEWEST_INTERVAL_MS = 200
const BOARD_INTERVAL_MS = 100
/** While a run is in motion its expected end moves on by itself. */
const OUTLOOK_INTERVAL_MS = 5000
const ACTOR = 'operator'

export function deliberationHandlers(plane: EmbeddedPlane, live: LiveHub): Handlers<typeof consoleContract>['deliberation'] {
  const { commands, queries, runsChanged } = plane

  function board(taskId: string): DeliberationBoard {
    const found = queries().board(taskId, Date.now())
    if (found.kind === 'board') return found.board
    if (found.kind === 'expired') throw new ConsoleError('expired', `Run ${taskId} was removed by retention.`)
    throw new ConsoleError('not-found', `There is no run ${taskId}.`)
  }

  /** The row once the tables have what the command did. */
  async function settled(taskId: string, result: { readonly kind: string } | Refusal): Promise<{ row: DeliberationRow }> {
    accept(result)
    await plane.caughtUp()
    return { row: board(taskId).row }
  }

  const lists = openLists(plane)

  /** The newest runs and all in motion, newest first. */
  function newest(limit: number): Map<string, DeliberationRow> {
    const now = Date.now()
    const rows = queries().rows(queries().list.page(runQuery.parse({}), limit) ?? [], now)
    const all = [...rows.filter((row) => row !== undefined), ...queries().running(now)]
    return new Map(all.toSorted((a, b) => b.created_at - a.created_at).map((row) => [row.task_id, row]))
  }

  return {
    submit: async ({ command_id, run }) => {
      const { taskId, estimate, deadline } = accept(await commands.submit(command_id, ACTOR, run))
      return { task_id: taskId, estimate, deadline }
    },

    estimate: async ({ run }) => {
      const { spec, taskTokens, problems, warnings } = accept(await commands.estimate(run))
      const room = Math.min(...spec.agents.map((agent) => agent.context_tokens - agent.max_tokens))
      return {
        estimate: spec.estimate,
        timeout_ms: spec.limits.timeout_ms,
        task_tokens: taskTokens,
        task_tokens_limit: room,
        problems: [...problems],
        warnings: [...warnings],
      }
    },

    text: async ({ task_id, sha256, offset }) => {
      const page = await commands.text(task_id, sha256, offset)
      if (!page) throw new ConsoleError('not-found', `Run ${task_id} has no text with the SHA-256 ${sha256}.`)
      return page
    },

    prompt: async ({ task_id, ...call }) => {
      const sent = await commands.prompt(task_id, call)
      if (sent) return sent
      throw new ConsoleError(
        'not-found',
        'No prompt of this call is kept: it has not been sent yet, or it was by a version that kept none.',
      )
    },

    cancel: async ({ task_id }) => settled(task_id, await commands.cancel(task_id, ACTOR)),

    retry: async ({ command_id, task_id, agent_id }) =>
      settled(task_id, await commands.retry(command_id, ACTOR, task_id, agent_id)),

    recordOutcome: async ({ task_id, outcome }) => settled(task_id, await commands.recordOutcome(task_id, ACTOR, outcome)),
    setArchived: async ({ task_id, archived }) => settled(task_id, await commands.setArchived(task_id, ACTOR, archived)),
    dismiss: async ({ task_id }) => settled(task_id, await commands.dismiss(task_id, ACTOR)),

    weighRemoval: async ({ task_id }) => {
      const { events, bytes } = accept(await commands.weigh(task_id))
      return { events, bytes, texts: board(task_id).versions.length }
    },
    remove: async ({ task_id }) => {
      accept(await commands.expire(task_id, ACTOR))
      await plane.caughtUp()
      return {}
    },
    export: async ({ task_id, format }) =>
      exportRun(accept(await withWholeTexts(board(task_id), commands)).board, format, Date.now()),

    get: ({ task_id }) => Promise.resolve().then(() => board(task_id)),

    watchNewest: async function* ({ limit }, signal): AsyncGenerator<NewestUpdate> {
      const changed = changes(runsChanged, NEWEST_INTERVAL_MS, signal)
      let shown = newest(limit)
      yield { type: 'snapshot', rows: [...shown.values()], counts: runCounts(queries()) }
      for await (const keys of changed) {
        const now = newest(limit)
        const upserts = [...now.values()].filter((row) => keys.has(row.task_id) || !shown.has(row.task_id))
        const removed = [...shown.keys()].filter((taskId) => !now.has(taskId))
        shown = now
        yield { type: 'changes', upserts, removed, counts: runCounts(queries()) }
      }
    },

    ...bulkHandlers(plane),

    watchList: lists.watch,

    listRows: (input) => Promise.resolve().then(() => ({ rows: lists.rows(input) })),

    find: ({ query, limit }) =>
      Promise.resolve().then(() => ({
        rows: queries()
          .rows(queries().list.page(query, limit) ?? [], Date.now())
          .filter((row) => row !== undefined),
      })),

    listTerms: () => Promise.resolve().then(() => ({ models: [...queries().list.models()] })),

    watch: async function* ({ task_id }, signal): AsyncGenerator<BoardUpdate> {
      const changed = changes(runsChanged, BOARD_INTERVAL_MS, signal)
      const differ = boardChanges()
      const first = board(task_id)
      differ(first)
      yield { type: 'snapshot', board: first }
      let hasEnded = first.row.ended_at !== null
      for await (const news of merged(changed, ticks(OUTLOOK_INTERVAL_MS, signal))) {
        if (news === 'tick' ? hasEnded : !news.has(task_id)) continue
        const now = board(task_id)
        hasEnded = now.row.ended_at !== null
        yield differ(now)
      }
    },

    watchLive: ({ task_id }, signal) => live.watch(task_id, BOARD_INTERVAL_MS, signal),
  }
}
