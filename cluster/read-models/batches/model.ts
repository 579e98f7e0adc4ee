import type { ReadModel } from '../engine/read-model.ts'
import { batchFold } from './fold.ts'
import { batchQueries, type BatchQueries } from './queries.ts'
import { batchTables } from './tables.ts'

const SUBJECT = 'signalbox.event.batch.'

/** Batches as lists, pages and notices show them. Its keys are the ids of batches. */
export const batchModel: ReadModel<BatchQueries> = {
  name: 'batch',
  version: 2,
  tables: batchTables,
  fold(db, t) {
    const apply = batchFold(db, t)
    return (event, { subject }) => {
      if (!subject.startsWith(SUBJECT)) return []
      const batchId = subject.slice(SUBJECT.length)
      const repeated = apply(batchId, event)
      return repeated === null ? [batchId] : [batchId, repeated]
    }
  },
  queries: batchQueries,
}
