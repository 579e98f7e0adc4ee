import { applyEvent, isTerminal, type RunEvent, type RunState } from '../../domain/deliberation/index.ts'
import { DELIBERATION_SCHEMA, deliberationEvent, deliberationSubject } from '../../messages/deliberation-events.ts'
import { TOMBSTONE_TYPE, type EventEnvelope } from '../../messages/envelope.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventLog, LogEntry } from '../../ports/event-log.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { restoreEvent, shortenEvent } from '../texts/in-messages.ts'
import type { LargeTexts } from '../texts/large-texts.ts'

export type LoadedRun =
  | { readonly kind: 'run'; readonly state: RunState; readonly sequence: number }
  | { readonly kind: 'expired'; readonly sequence: number }
  | { readonly kind: 'unknown' }

export interface Runs {
  /** The run as the log has it. */
  load(taskId: string): Promise<LoadedRun>
  /**
   * Asks `decide` with the newest state and appends what it decided; asks again if another writer was first.
   * Resolves to the state after it, or undefined for a run that is unknown or expired.
   */
  change(taskId: string, actor: string, decide: (state: RunState) => readonly RunEvent[]): Promise<RunState | undefined>
  /** Appends the first events of a run; false if the id is taken. */
  create(taskId: string, actor: string, events: readonly RunEvent[]): Promise<boolean>
  /** True for a run that is unknown or expired. */
  isGone(taskId: string): Promise<boolean>
  forget(taskId: string): void
  /** Runs held in memory that have not ended. */
  active(): readonly RunState[]
}

export interface RunsPorts {
  readonly log: EventLog
  readonly clock: Clock
  readonly newId: () => string
  readonly texts: LargeTexts
}

/** How long, and how many ended runs stay in memory; later questions are answered from the log. */
const HOT_MS = 3_600_000
const MAX_ENDED = 100
const MAX_CONFLICTS = 50

/** Folded runs over the log, with a cache of those in motion. The log's `expected` sequence keeps two writers apart. */
export function createRuns({ log, clock, newId, texts }: RunsPorts): Runs {
  const hot = new Map<string, { state: RunState; sequence: number; usedAt: number }>()

  function keep(taskId: string, state: RunState, sequence: number): void {
    // Behind the others: those changed longest ago are first.
    hot.delete(taskId)
    hot.set(taskId, { state, sequence, usedAt: clock.now() })
    if (isTerminal(state)) forgetEnded()
  }

  function forgetEnded(): void {
    const ended = [...hot].filter(([, run]) => isTerminal(run.state))
    const longAgo = clock.now() - HOT_MS
    for (const [index, [id, run]] of ended.entries()) if (index < ended.length - MAX_ENDED || run.usedAt < longAgo) hot.delete(id)
  }

  async function load(taskId: string): Promise<LoadedRun> {
    const cached = hot.get(taskId)
    if (cached) return { kind: 'run', state: cached.state, sequence: cached.sequence }
    const entries = await log.readSubject(deliberationSubject(taskId))
    const sequence = entries.at(-1)?.sequence
    if (sequence === undefined) return { kind: 'unknown' }
    if (isExpired(entries)) return { kind: 'expired', sequence }
    const state = await fold(entries, texts)
    if (!state) return { kind: 'unknown' }
    const newest = hot.get(taskId)
    if (newest && newest.sequence > sequence) return { kind: 'run', ...newest }
    keep(taskId, state, sequence)
    return { kind: 'run', state, sequence }
  }

  async function envelopesOf(taskId: string, actor: string, events: readonly RunEvent[]): Promise<readonly EventEnvelope[]> {
    const stored = await Promise.all(events.map((event) => shortenEvent(texts, taskId, event)))
    return stored.map(({ type, data }) => ({
      id: newId(),
      type,
      at: clock.now(),
      actor,
      tenant: 'local',
      schema: DELIBERATION_SCHEMA,
      data,
    }))
  }

  return {
    load,
    async isGone(taskId) {
      if (hot.has(taskId)) return false
      const entries = await log.readSubject(deliberationSubject(taskId))
      return entries.length === 0 || isExpired(entries)
    },
    forget: (taskId) => void hot.delete(taskId),
    active: () => [...hot.values()].map((run) => run.state).filter((state) => !isTerminal(state)),

    async change(taskId, actor, decide) {
      for (let tries = 0; tries < MAX_CONFLICTS; tries++) {
        const loaded = await load(taskId)
        if (loaded.kind !== 'run') return undefined
        const events = decide(loaded.state)
        if (events.length === 0) return loaded.state
        const envelopes = await envelopesOf(taskId, actor, events)
        const result = await log.append(deliberationSubject(taskId), loaded.sequence, envelopes)
        if (result.kind === 'conflict') {
          const newer = hot.get(taskId)
          if (newer && newer.sequence < result.actual) hot.delete(taskId)
          continue
        }
        const state = events.reduce<RunState>(
          (state, event, index) => applyEvent(state, event, envelopes[index]?.at ?? 0),
          loaded.state,
        )
        const newest = hot.get(taskId)
        if (!newest || newest.sequence < result.sequence) keep(taskId, state, result.sequence)
        return state
      }
      throw new Error(`Run ${taskId}: ${MAX_CONFLICTS} writers in a row were faster; gave up.`)
    },

    async create(taskId, actor, events) {
      const envelopes = await envelopesOf(taskId, actor, events)
      const result = await log.append(deliberationSubject(taskId), 0, envelopes)
      if (result.kind === 'conflict') return false
      const state = events.reduce<RunState | undefined>(
        (state, event, index) => applyEvent(state, event, envelopes[index]?.at ?? 0),
        undefined,
      )
      if (state) keep(taskId, state, result.sequence)
      return true
    },
  }
}

/** Why there is no run under an id. */
export function missingRun(taskId: string, kind: 'unknown' | 'expired'): Refusal {
  return kind === 'expired'
    ? refuse('expired', `Run ${taskId} was removed for good; only its id is remembered.`)
    : refuse('not-found', `There is no run ${taskId}.`)
}

/** Events of newer versions that this build does not know are passed over: they stay in the log. */
async function fold(entries: readonly LogEntry[], texts: LargeTexts): Promise<RunState | undefined> {
  let state: RunState | undefined
  for (const entry of entries)
    for (const { type, data, at } of entry.events) {
      const known = deliberationEvent.safeParse({ type, data })
      if (known.success) state = applyEvent(state, await restoreEvent(texts, known.data), at)
    }
  return state
}

function isExpired(entries: readonly LogEntry[]): boolean {
  return entries.some((entry) => entry.events.some((event) => event.type === TOMBSTONE_TYPE))
}
