import { CorruptionError, UnavailableError } from '../../ports/errors.ts'
import type { LogEntry } from '../../ports/event-log.ts'
import { nextTurn } from './batches.ts'
import { tableNames } from './model-store.ts'
import type { ModelStore } from './model-store.ts'
import type { EventPosition, ReadModel } from './read-model.ts'

/** How long a slice keeps the thread, unless one entry alone takes longer. */
const SLICE_MS = 8

/** An event that a model cannot apply. */
export class PoisonEventError extends Error {
  override readonly name = 'PoisonEventError'
  readonly position: EventPosition

  constructor(model: string, eventType: string, position: EventPosition, cause: unknown) {
    const { sequence, index, subject } = position
    super(
      `The read model ${model} cannot apply event ${index} (${eventType}) of entry ${sequence} on ${subject}: ${String(cause)}`,
      { cause },
    )
    this.position = position
  }
}

/** Folds entries into the tables of one version of a model, in slices that each commit rows and position together. */
export function createFolder(store: ModelStore, model: ReadModel<unknown>) {
  const { db } = store
  const fold = model.fold(db, tableNames(model))

  function apply(entry: LogEntry, keys: Set<string>): void {
    for (const [index, event] of entry.events.entries()) {
      const position = { subject: entry.subject, sequence: entry.sequence, index }
      try {
        for (const key of fold(event, position)) keys.add(key)
      } catch (cause) {
        throw new PoisonEventError(model.name, event.type, position, cause)
      }
    }
  }

  /** Returns how many of `entries` it applied. */
  const slice = db.transaction((entries: readonly LogEntry[], keys: Set<string>): number => {
    const stopAt = performance.now() + SLICE_MS
    let count = 0
    for (const entry of entries) {
      apply(entry, keys)
      count += 1
      if (performance.now() >= stopAt) break
    }
    store.recordSequence(model, entries[count - 1]?.sequence ?? 0)
    return count
  })

  return {
    /** Calls `onCommitted` after each slice with its keys. Stops early when `signal` aborts. What comes before a poison event is kept. */
    async fold(
      entries: readonly LogEntry[],
      signal: AbortSignal,
      onCommitted: (sequence: number, keys: ReadonlySet<string>) => void,
    ): Promise<void> {
      let limit = entries.length
      for (let start = 0; start < entries.length && !signal.aborted;) {
        const keys = new Set<string>()
        try {
          start += slice.immediate(entries.slice(start, start + limit), keys)
        } catch (error) {
          const trouble = tableTrouble(error, model.name)
          if (trouble) throw trouble
          if (limit === 1) throw error
          // The slice is undone: go on entry by entry up to the one at fault.
          limit = 1
          continue
        }
        onCommitted(entries[start - 1]?.sequence ?? 0, keys)
        await nextTurn()
      }
    },
  }
}

/** What is wrong with the file rather than with an event, in the ports' errors. */
function tableTrouble(error: unknown, model: string): Error | undefined {
  const cause = error instanceof PoisonEventError ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (/^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN|NOMEM)/.test(code))
    return new UnavailableError(`The tables of ${model} cannot be written (${String(cause)}). Check the disk.`, { cause })
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return new CorruptionError(
      `The tables of ${model} are damaged (${String(cause)}). Remove the file of the read models: it is rebuilt.`,
      {
        cause,
      },
    )
  return undefined
}
