import * as z from 'zod'
import { listUpdate, type ListQuery } from '../../src-preload/contract/deliberation.ts'
import { useHost } from './console.tsx'
import type { Live } from './live-store.ts'
import { foldList } from './merge.ts'
import type { RunRow } from './run-words.ts'
import { useStream } from './use-stream.ts'

const runList = z.object(listUpdate.options[0].omit({ type: true }).shape)
export type RunList = z.infer<typeof runList>

const fold = foldList<RunRow, keyof RunList['counts']>((row) => row.task_id)

/** Runs that match, newest first, live. The unfiltered list is kept for the next start. */
export function useRuns(query: ListQuery): Live<RunList> {
  const host = useHost()
  const key = JSON.stringify(['runs', query])
  const isPlain = (query.filter ?? 'all') === 'all' && (query.text ?? '') === ''
  return useStream(key, {
    open: (signal) => host.deliberation.watchList(query, signal),
    fold: (value: RunList | null, update): RunList => {
      const { rows, total, counts } = fold(value, update)
      return { rows: [...rows].slice(0, query.limit ?? 100), total, counts }
    },
    cache: isPlain ? { name: 'runs', schema: runList } : undefined,
  })
}
