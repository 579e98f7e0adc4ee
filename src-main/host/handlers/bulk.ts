import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { BulkRuns } from '../../../cluster/messages/bulk.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { changes } from '../feeds/changes.ts'

const INTERVAL_MS = 200
const ACTOR = 'operator'

type BulkHandlers = Pick<Handlers<typeof consoleContract>['deliberation'], 'previewBulk' | 'startBulk' | 'stopBulk' | 'watchBulk'>

export function bulkHandlers({ bulk, queries, stateChanged }: EmbeddedPlane): BulkHandlers {
  const candidates = (runs: BulkRuns) => {
    if (runs.kind === 'some') return queries().list.briefs(runs.ids)
    const without = new Set(runs.without)
    return queries()
      .list.briefs(runs.filter)
      .filter((run) => !without.has(run.task_id))
  }
  return {
    previewBulk: ({ action, runs }) => Promise.resolve().then(() => bulk.preview(action, candidates(runs))),

    startBulk: async ({ operation_id, action, runs }) => await bulk.start(operation_id, ACTOR, action, candidates(runs)),

    stopBulk: async ({ operation_id }) => {
      if (!(await bulk.stop(operation_id))) throw new ConsoleError('conflict', 'This operation does not run any more.')
      return {}
    },

    watchBulk: async function* (_, signal) {
      const changed = changes(
        (listener) => stateChanged((key) => key.startsWith('bulk.') && listener([key])),
        INTERVAL_MS,
        signal,
      )
      yield { operations: [...(await bulk.list())] }
      for await (const _keys of changed) yield { operations: [...(await bulk.list())] }
    },
  }
}
