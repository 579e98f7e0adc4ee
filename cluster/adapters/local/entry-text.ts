import * as z from 'zod'
import { eventEnvelope } from '../../messages/envelope.ts'
import type { EventEnvelope } from '../../messages/envelope.ts'
import { CorruptionError } from '../../ports/errors.ts'
import { MAX_ENTRY_BYTES } from '../../ports/event-log.ts'
import type { LogEntry } from '../../ports/event-log.ts'

const storedEvents = z.array(eventEnvelope).min(1)

/** An entry as both local logs store it: `events` is JSON text. */
export interface StoredEntry {
  readonly sequence: number
  readonly subject: string
  readonly events: string
}

/** The events of one entry as JSON; a RangeError for what no log takes. */
export function entryText(subject: string, events: readonly EventEnvelope[]): string {
  if (events.length === 0) throw new RangeError(`An entry on ${subject} needs at least one event.`)
  const text = JSON.stringify(events)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_ENTRY_BYTES)
    throw new RangeError(
      `An entry of ${bytes} bytes on ${subject} is over the limit of ${MAX_ENTRY_BYTES}: put large content in the blob store and log the reference.`,
    )
  return text
}

/** The entry with its events parsed; a CorruptionError that names it if they cannot be. */
export function parseEntry(stored: StoredEntry, where: string): LogEntry {
  return { sequence: stored.sequence, subject: stored.subject, events: parseEvents(stored, where) }
}

function parseEvents(stored: StoredEntry, where: string): EventEnvelope[] {
  try {
    return storedEvents.parse(JSON.parse(stored.events))
  } catch (cause) {
    throw new CorruptionError(
      `Entry ${stored.sequence} (${stored.subject}) in ${where} is damaged and cannot be read. Restore the file from a copy, or move it away to start an empty log.`,
      { cause },
    )
  }
}
