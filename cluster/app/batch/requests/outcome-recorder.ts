import type { BatchCounts } from '../../../messages/batch.ts'
import type { BatchRequests, RequestOutcome } from '../../../ports/batch-requests.ts'
import type { Clock } from '../../../ports/clock.ts'

/** What became of requests, on its way to the store: stored in groups, kept while the store cannot be written. */
export interface OutcomeRecorder {
  add(outcome: RequestOutcome): void
  /** So much text waits for the store that no more may be begun. */
  readonly isFull: boolean
  readonly unrecorded: number
  /** Resolves when all that was added is stored; rejects where the store cannot be written (what waits is kept). */
  flush(): Promise<void>
}

const GROUP = 500
const GROUP_MS = 50
const MOST_UNRECORDED_CHARACTERS = 32 * 1024 * 1024

export function createOutcomeRecorder(options: {
  readonly batchId: string
  readonly requests: BatchRequests
  readonly clock: Clock
  readonly onRecorded: (counts: BatchCounts) => void
  /** The store could not be written: nothing is lost, and nothing tries again before `flush` is called. */
  readonly onRefused: (fault: unknown) => void
}): OutcomeRecorder {
  const { batchId, requests, clock, onRecorded, onRefused } = options
  let kept: RequestOutcome[] = []
  let characters = 0
  let writing: Promise<void> | undefined
  let isScheduled = false
  let isRefused = false

  async function writeGroup(): Promise<void> {
    const group = kept.slice(0, GROUP)
    const counts = await requests.record(batchId, group)
    kept = kept.slice(group.length)
    characters -= group.reduce((sum, outcome) => sum + (outcome.body?.length ?? 0), 0)
    onRecorded(counts)
  }

  function write(): Promise<void> {
    writing ??= writeGroup().finally(() => (writing = undefined))
    return writing
  }

  function schedule(): void {
    if (isScheduled || isRefused || kept.length === 0) return
    isScheduled = true
    const wait = kept.length >= GROUP ? Promise.resolve() : clock.sleep(GROUP_MS)
    void wait.then(async () => {
      try {
        if (kept.length > 0) await write()
      } catch (fault) {
        isRefused = true
        onRefused(fault)
      } finally {
        isScheduled = false
        schedule()
      }
    })
  }

  return {
    add(outcome) {
      kept.push(outcome)
      characters += outcome.body?.length ?? 0
      schedule()
    },
    get isFull() {
      return characters >= MOST_UNRECORDED_CHARACTERS
    },
    get unrecorded() {
      return kept.length
    },
    async flush() {
      while (kept.length > 0) await write()
      isRefused = false
    },
  }
}
