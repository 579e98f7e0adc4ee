import type { ReadModel } from '../engine/read-model.ts'
import { deliberationFold } from './fold.ts'
import { deliberationQueries, type DeliberationQueries } from './queries.ts'
import { deliberationTables } from './tables.ts'

const SUBJECT = 'signalbox.event.deliberation.'

/** Runs as lists, boards, rates and notices show them. Its keys are the ids of runs. */
export const deliberationModel: ReadModel<DeliberationQueries> = {
  name: 'deliberation',
  version: 14,
  tables: deliberationTables,
  fold(db, t) {
    const apply = deliberationFold(db, t)
    return (event, { subject }) => {
      if (!subject.startsWith(SUBJECT)) return []
      const taskId = subject.slice(SUBJECT.length)
      const repeated = apply(taskId, event)
      return repeated === null ? [taskId] : [taskId, repeated]
    }
  },
  queries: deliberationQueries,
}
