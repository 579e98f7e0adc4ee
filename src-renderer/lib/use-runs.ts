import * as z from 'zod'
import { newestUpdate } from '../../src-preload/contract/deliberation.ts'
import { useHost } from './console.tsx'
import type { Live } from './live-store.ts'
import { foldList } from './merge.ts'
import type { RunRow } from './run-words.ts'
import { useStream } from './use-stream.ts'

const newestRuns = z.object(newestUpdate.options[0].omit({ type: true }).shape)
export type NewestRuns = z.infer<typeof newestRuns>

/** The newest runs and all in motion, newest first, live. Kept for the next start. */
export function useNewestRuns(): Live<NewestRuns> {
  const host = useHost()
  return useStream('newest runs', {
    open: (signal) => host.deliberation.watchNewest({}, signal),
    fold: foldList<RunRow, NewestRuns['counts']>((row) => row.task_id),
    cache: { name: 'newest-runs', schema: newestRuns },
  })
}
