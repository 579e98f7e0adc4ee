import { useMemo } from 'react'
import type { BatchCounts, BatchDetail } from '../../../../src-preload/contract/batch.ts'
import { useHost } from '../../../lib/console.tsx'
import { usePoll } from '../../../lib/use-poll.ts'

/** A batch as it stands after its retries. */
export interface MergedView {
  /** By the latest state of each request; the rest is what the batch itself used. */
  readonly counts: BatchCounts
  /** Answered by the batch itself. */
  readonly own: number
  readonly retries: readonly {
    readonly batch_id: string
    readonly name: string
    readonly ended: boolean
    readonly answered: number
  }[]
  /** Grows with what the retries answer. */
  readonly version: number
}

const ASK_EVERY_MS = 3000

/** `view` is null for a batch without retries, and until the first answer. */
export function useMerged({ row, retries }: BatchDetail): { readonly view: MergedView | null; readonly failure: string | null } {
  const host = useHost()
  const { value, error } = usePoll(
    `merged ${row.batch_id} ${retries.length}`,
    async (signal) => (retries.length === 0 ? null : await host.batch.merged({ batch_id: row.batch_id }, signal)),
    ASK_EVERY_MS,
  )
  const known = value === null ? '' : JSON.stringify(value)
  const view = useMemo((): MergedView | null => {
    if (value === null) return null
    const { completed, failed, cancelled, expired } = value.states
    const answered = value.retries.reduce((sum, retry) => sum + retry.answered, 0)
    return {
      counts: { ...row.counts, completed, failed, cancelled, expired },
      own: row.counts.completed,
      retries: value.retries,
      version: answered,
    }
    // The text stands for the value, which is a new object with every answer.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [known, row.counts])
  return { view, failure: error?.message ?? null }
}
