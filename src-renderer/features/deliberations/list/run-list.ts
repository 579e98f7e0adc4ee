import { LIST_ROWS, type ListUpdate, type RunQuery } from '../../../../src-preload/contract/deliberation.ts'
import { ConsoleError } from '../../../../src-preload/contract/errors.ts'
import type { HostClient } from '../../../lib/console.tsx'
import type { LiveSource } from '../../../lib/live-store.ts'
import { mergeStreams } from '../../../lib/merge-streams.ts'
import type { Row } from '../shapes.ts'
import type { Sight } from './sight.ts'

/** What the page holds of an open list: the rows it has read, by place. */
export interface RunList {
  /** Null: removed since the list was opened. */
  readonly rows: ReadonlyMap<number, Row | null>
  /** Null until the host has counted. */
  readonly total: number | null
  readonly byStatus: Extract<ListUpdate, { type: 'totals' }>['by_status'] | null
  /** Runs that came to match since, the newest first; the host counts those that are not sent too. */
  readonly fresh: readonly Row[]
  readonly freshTotal: number
  /** Runs in sight that match no longer, and when that was noticed. */
  readonly left: ReadonlyMap<string, number>
}

type Page = { readonly type: 'page'; readonly from: number; readonly rows: readonly (Row | null)[] }
export type RunListUpdate = ListUpdate | Page

/** Rows kept; those furthest from the last page that was read go first. */
const MAX_ROWS = 1000

export const emptyRunList: RunList = { rows: new Map(), total: null, byStatus: null, fresh: [], freshTotal: 0, left: new Map() }

export function foldRunList(now: () => number): (value: RunList | null, update: RunListUpdate) => RunList {
  return (value, update) => {
    const list = value ?? emptyRunList
    switch (update.type) {
      case 'snapshot':
        return { ...emptyRunList, rows: new Map(update.rows.entries()) }
      case 'totals':
        return { ...list, total: update.total, byStatus: update.by_status }
      case 'page':
        return { ...list, rows: withPage(list.rows, update) }
      case 'changes':
        return withChanges(list, update, now())
    }
  }
}

function withPage(rows: RunList['rows'], { from, rows: read }: Page): RunList['rows'] {
  const next = new Map(rows)
  for (const [index, row] of read.entries()) next.set(from + index, row)
  if (next.size <= MAX_ROWS) return next
  const byDistance = [...next.keys()].sort((a, b) => Math.abs(b - from) - Math.abs(a - from))
  for (const place of byDistance.slice(0, next.size - MAX_ROWS)) next.delete(place)
  return next
}

function withChanges(list: RunList, update: Extract<ListUpdate, { type: 'changes' }>, now: number): RunList {
  const changed = new Map(update.upserts.map((row) => [row.task_id, row]))
  const rows = new Map(list.rows)
  for (const [place, row] of list.rows) {
    const next = row && changed.get(row.task_id)
    if (next) rows.set(place, next)
  }
  const left = new Map(list.left)
  for (const row of [...update.upserts, ...update.fresh]) left.delete(row.task_id)
  for (const taskId of update.left) left.set(taskId, now)
  const freshNow = new Map(update.fresh.map((row) => [row.task_id, row]))
  const known = list.fresh.map((row) => {
    const next = freshNow.get(row.task_id) ?? row
    freshNow.delete(row.task_id)
    return next
  })
  const fresh = [...freshNow.values(), ...known].slice(0, MAX_ROWS)
  return { ...list, rows, left, fresh, freshTotal: update.fresh_total, byStatus: update.by_status }
}

/** The list as the host keeps it open, and the pages that come into sight. */
export function runListSource(host: HostClient, query: RunQuery, sight: Sight): LiveSource<RunListUpdate, RunList> {
  return {
    fold: foldRunList(Date.now),
    open: (signal) => {
      const list_id = crypto.randomUUID()
      const opened = Promise.withResolvers<undefined>()
      const list = async function* (): AsyncGenerator<RunListUpdate> {
        for await (const update of host.deliberation.watchList({ list_id, query }, signal)) {
          yield update
          if (update.type !== 'totals') continue
          sight.forget()
          opened.resolve(undefined)
        }
      }
      const pages = async function* (): AsyncGenerator<RunListUpdate> {
        await opened.promise
        for await (const page of sight.pages(LIST_ROWS, signal)) {
          const from = page * LIST_ROWS
          const read = await host.deliberation.listRows({ list_id, from, count: LIST_ROWS }, signal).catch(orNotOpen)
          if (read) yield { type: 'page', from, rows: read.rows }
        }
      }
      return mergeStreams<RunListUpdate>(list(), pages())
    },
  }
}

/** The host is opening the list anew, and says so on its stream. */
function orNotOpen(fault: unknown): undefined {
  if (!(fault instanceof ConsoleError) || fault.code !== 'not-found') throw fault
}
