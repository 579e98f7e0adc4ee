import type { EventLog } from '../../ports/event-log.ts'
import { entryText, parseEntry } from '../local/entry-text.ts'
import type { StoredEntry } from '../local/entry-text.ts'
import { followLog } from '../local/log-following.ts'
import { createWakeUp } from '../local/wake-up.ts'

/** An event log that lives as long as the process. */
export function createMemoryEventLog(): EventLog {
  const appended = createWakeUp()
  const lastOfSubject = new Map<string, number>()
  let entries: StoredEntry[] = []
  let last = 0

  const parse = (entry: StoredEntry) => parseEntry(entry, 'the log in memory')

  function store(subject: string, events: string): number {
    last += 1
    entries.push({ sequence: last, subject, events })
    lastOfSubject.set(subject, last)
    appended.notify()
    return last
  }

  const readAfter: EventLog['readAfter'] = (sequence, limit) => {
    const start = indexAfter(entries, sequence)
    return Promise.resolve(entries.slice(start, start + limit).map(parse))
  }

  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- a refused entry rejects, it does not throw
    append: async (subject, expected, events) => {
      const text = entryText(subject, events)
      const actual = lastOfSubject.get(subject) ?? 0
      return actual === expected ? { kind: 'appended', sequence: store(subject, text) } : { kind: 'conflict', actual }
    },
    readSubject: (subject) => Promise.resolve(entries.filter((entry) => entry.subject === subject).map(parse)),
    readAfter,
    lastSequence: () => Promise.resolve(last),
    follow: (sequence, signal) => followLog(readAfter, appended, sequence, signal),
    purge: (subject, tombstone) => {
      const text = entryText(subject, [tombstone])
      entries = entries.filter((entry) => entry.subject !== subject)
      return Promise.resolve(store(subject, text))
    },
  }
}

/** Where entries after `sequence` start; sequences have gaps once a subject was purged. */
function indexAfter(entries: readonly StoredEntry[], sequence: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.sequence ?? 0) <= sequence) low = middle + 1
    else high = middle
  }
  return low
}
