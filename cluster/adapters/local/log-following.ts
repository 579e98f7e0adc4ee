import type { LogEntry } from '../../ports/event-log.ts'
import type { WakeUp } from './wake-up.ts'

const PAGE_ENTRIES = 256

/** Every entry after `sequence`, read in pages, then as `appended` wakes it, until `signal` aborts. */
export async function* followLog(
  readAfter: (sequence: number, limit: number) => Promise<readonly LogEntry[]>,
  appended: WakeUp,
  sequence: number,
  signal: AbortSignal,
): AsyncIterable<LogEntry> {
  const isAborted = () => signal.aborted
  let position = sequence
  while (!isAborted()) {
    const seen = appended.count
    const page = await readAfter(position, PAGE_ENTRIES)
    for (const entry of page) {
      if (isAborted()) return
      position = entry.sequence
      yield entry
    }
    if (page.length < PAGE_ENTRIES) await appended.wait(seen, signal)
  }
}
