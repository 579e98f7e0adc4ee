import type { Breaker } from '../../../domain/batch/breaker.ts'
import type { NewRequest } from '../../../ports/batch-requests.ts'
import type { RequestBodies } from '../requests/request-bodies.ts'

/** How a try failed whose share in the count of tries is settled when the next one is due. */
export interface PendingFailure {
  readonly at: number
  readonly kind: 'unreachable' | 'connection' | 'crashed' | 'away' | 'rate_limited'
}

/** A request on its way. */
export interface WorkItem {
  readonly request: NewRequest
  /** Read again where it was too long to keep while it waits. */
  body: string | undefined
  /** Tries that count against `max_retries`. */
  tries: number
  /** All tries, for the record. */
  attempts: number
  /** How often the engine broke while it worked on this. */
  interruptions: number
  crashesAlone: number
  failure: PendingFailure | undefined
  /** What the last try said: the outcome, should there be no other. */
  lastError: { readonly code: string; readonly message: string; readonly cause: string | null } | undefined
  lastStatus: number | null
  lastBody: string | null
  startedAt: number
  /** Where the last try went. */
  lane: { readonly key: string; readonly engine: { readonly breaker: Breaker } } | undefined
  /** A fallback refused it: that is for its batch's own model to say. */
  isForOwn: boolean
}

/** Requests of one batch that may be sent next, in the order of the file, read ahead of the dispatcher. `isOwn`: to its own model. */
export interface WorkList {
  /** The next request; undefined where none is ready now. */
  take(now: number, isOwn: boolean): WorkItem | undefined
  /** Whether `take` would give one. */
  isReady(now: number, isOwn: boolean): boolean
  /** The waiting request during which an engine broke most often; they go alone, before all others. */
  suspect(now: number, isOwn: boolean): WorkItem | undefined
  takeSuspect(item: WorkItem): void
  hasSuspects(isOwn: boolean): boolean
  /** Puts one back to be sent again from `dueAt` on. */
  putBack(item: WorkItem, dueAt: number): void
  /** When the next one that waits is due; undefined where none waits. */
  nextDue(): number | undefined
  /** Every request of the file was handed out and none waits. */
  readonly isDone: boolean
  readonly waiting: number
}

const READ_AHEAD = 512
/** Bodies longer than this are not kept in memory while they wait for another try. */
const KEPT_BODY = 16_384
/** So many wait for another try that no new ones are begun. */
const MOST_WAITING = 1024

export function createWorkList(options: {
  readonly pending: (afterN: number, limit: number) => Promise<readonly NewRequest[]>
  readonly bodies: RequestBodies
  /** Some are ready, or it is known that there are none. */
  readonly onReady: () => void
  /** They could not be read; the next look tries again. */
  readonly onFault: (fault: unknown) => void
}): WorkList {
  const { pending, bodies, onReady, onFault } = options
  let ready: WorkItem[] = []
  let next = 0
  let read: { readonly items: readonly WorkItem[]; readonly isLast: boolean } | undefined
  let isReading = false
  let isExhausted = false
  let cursor = -1
  const waiting: { readonly item: WorkItem; readonly dueAt: number }[] = []

  const left = (): number => ready.length - next

  function readAhead(): void {
    if (isReading || isExhausted || read) return
    isReading = true
    pending(cursor, READ_AHEAD)
      .then(async (requests) => {
        const loaded = await bodies.readAhead(requests)
        const last = loaded.at(-1)
        read = { items: loaded.map(newItem), isLast: requests.length < READ_AHEAD && loaded.length === requests.length }
        if (last) cursor = last.request.n
        isReading = false
        onReady()
      })
      .catch((fault: unknown) => {
        isReading = false
        onFault(fault)
      })
  }

  function refill(): void {
    if (left() === 0 && read) {
      ready = [...read.items]
      next = 0
      isExhausted = read.isLast
      read = undefined
    }
    if (left() < READ_AHEAD / 2) readAhead()
  }

  const mayGo = (item: WorkItem, isOwn: boolean): boolean => isOwn || !item.isForOwn

  function dueIndex(now: number, isOwn: boolean): number {
    let found = -1
    for (const [index, { item, dueAt }] of waiting.entries())
      if (dueAt <= now && mayGo(item, isOwn) && (found < 0 || dueAt < (waiting[found]?.dueAt ?? Infinity))) found = index
    return found
  }

  let earliest = Infinity
  const findEarliest = (): void => {
    earliest = waiting.reduce((least, { dueAt }) => Math.min(least, dueAt), Infinity)
  }

  return {
    take(now, isOwn) {
      const due = earliest <= now ? dueIndex(now, isOwn) : -1
      if (due >= 0) {
        const [found] = waiting.splice(due, 1)
        findEarliest()
        if (found) return found.item
      }
      refill()
      if (left() === 0 || waiting.length >= MOST_WAITING) return undefined
      return ready[next++]
    },
    isReady(now, isOwn) {
      if (earliest <= now && (isOwn || dueIndex(now, isOwn) >= 0)) return true
      refill()
      return left() > 0 && waiting.length < MOST_WAITING
    },
    suspect(now, isOwn) {
      return waiting
        .filter(({ item, dueAt }) => item.interruptions > 0 && dueAt <= now && mayGo(item, isOwn))
        .map(({ item }) => item)
        .sort((a, b) => b.interruptions - a.interruptions)[0]
    },
    takeSuspect(item) {
      waiting.splice(
        waiting.findIndex((each) => each.item === item),
        1,
      )
      findEarliest()
    },
    hasSuspects: (isOwn) => waiting.some(({ item }) => item.interruptions > 0 && mayGo(item, isOwn)),
    putBack(item, dueAt) {
      if ((item.body?.length ?? 0) > KEPT_BODY) item.body = undefined
      waiting.push({ item, dueAt })
      earliest = Math.min(earliest, dueAt)
    },
    nextDue: () => (waiting.length > 0 ? earliest : undefined),
    get isDone() {
      return isExhausted && left() === 0 && waiting.length === 0
    },
    get waiting() {
      return waiting.length
    },
  }
}

function newItem({ request, body }: { readonly request: NewRequest; readonly body: string }): WorkItem {
  return {
    request,
    body,
    tries: 0,
    attempts: 0,
    interruptions: 0,
    crashesAlone: 0,
    failure: undefined,
    lastError: undefined,
    lastStatus: null,
    lastBody: null,
    startedAt: 0,
    lane: undefined,
    isForOwn: false,
  }
}
