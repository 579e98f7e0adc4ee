import { runFilter } from '../../../cluster/messages/deliberation-query.ts'
import type { DeliberationQueries } from '../../../cluster/read-models/deliberations/queries.ts'
import type { NewestUpdate } from '../../../src-preload/contract/deliberation.ts'

/** How many runs there are that nobody archived, in the groups that a glance needs. */
export function runCounts({ list }: DeliberationQueries): NewestUpdate['counts'] {
  const { PENDING, IN_PROGRESS, COMPLETED, FAILED, TIMEOUT, CANCELLED } = list.counts(runFilter.parse({}))
  const [running, failed] = [PENDING + IN_PROGRESS, FAILED + TIMEOUT + CANCELLED]
  return { all: running + COMPLETED + failed, running, done: COMPLETED, failed }
}
