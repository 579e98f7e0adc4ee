import { applyEvent } from '../../domain/batch/state.ts'
import type { BatchState } from '../../domain/batch/state.ts'
import { isTerminal } from '../../domain/batch/transitions.ts'
import type { BatchEvent } from '../../domain/batch/types.ts'
import { batchEvent, batchSubject } from '../../messages/batch-events.ts'
import { TOMBSTONE_TYPE, type EventEnvelope } from '../../messages/envelope.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventLog, LogEntry } from '../../ports/event-log.ts'
import { refuse, type Refusal } from '../refusal.ts'

export type LoadedBatch =
  | { readonly kind: 'batch'; readonly state: BatchState; readonly sequence: number }
  | { readonly kind: 'expired'; readonly sequence: number }
  | { readonly kind: 'unknown' }

/** Something that happened to a batch, and when. */
export interface BatchStep {
  readonly at: number
  readonly event: BatchEvent
}

/** Folded batches over the log, with those in motion in memory. The log's `expected` sequence keeps two writers apart. */
export interface BatchStates {
  load(batchId: string): Promise<LoadedBatch>
  /**
   * Asks `decide` with the newest state and appends what it decided; asks again if another writer was first. Resolves to the state
   * after it, or undefined for a batch that is unknown or expired.
   */
  change(batchId: string, actor: string, decide: (state: BatchState) => readonly BatchEvent[]): Promise<BatchState | undefined>
  /** Appends the first events of a batch; false if the id is taken. */
  create(batchId: string, actor: string, events: readonly BatchEvent[]): Promise<boolean>
  /** Everything that the log has of it, in order. */
  history(batchId: string): Promise<readonly BatchStep[]>
  /** As held in memory: undefined once it has ended. */
  inMotion(batchId: string): BatchState | undefined
  active(): readonly BatchState[]
  forget(batchId: string): void
}

const BATCH_SCHEMA = 1
const MAX_CONFLICTS = 50

export function createBatchStates(ports: {
  readonly log: EventLog
  readonly clock: Clock
  readonly newId: () => string
}): BatchStates {
  const { log, clock, newId } = ports
  const hot = new Map<string, { readonly state: BatchState; readonly sequence: number }>()
  const ended = new Set<string>()

  function keep(batchId: string, state: BatchState, sequence: number): void {
    // A look at the log that began before the end must not bring the batch back.
    if (ended.has(batchId) || (hot.get(batchId)?.sequence ?? 0) > sequence) return
    if (!isTerminal(state.status)) return void hot.set(batchId, { state, sequence })
    hot.delete(batchId)
    ended.add(batchId)
  }

  async function load(batchId: string): Promise<LoadedBatch> {
    const cached = hot.get(batchId)
    return cached ? { kind: 'batch', ...cached } : await read(batchId)
  }

  /** From the log, also where one is held: whoever runs it goes on with that one meanwhile. */
  async function read(batchId: string): Promise<LoadedBatch> {
    const entries = await log.readSubject(batchSubject(batchId))
    const sequence = entries.at(-1)?.sequence
    if (sequence === undefined) return { kind: 'unknown' }
    if (isExpired(entries)) return { kind: 'expired', sequence }
    const state = fold(entries)
    if (!state) return { kind: 'unknown' }
    keep(batchId, state, sequence)
    return { kind: 'batch', state, sequence }
  }

  function envelopesOf(state: BatchState | undefined, actor: string, events: readonly BatchEvent[]): readonly EventEnvelope[] {
    const [first] = events
    const tenant = state?.spec.tenant ?? (first?.type === 'batch.submitted' ? first.data.spec.tenant : 'local')
    const at = clock.now()
    return events.map(({ type, data }) => ({ id: newId(), type, at, actor, tenant, schema: BATCH_SCHEMA, data }))
  }

  return {
    load,
    history: async (batchId) => stepsOf(await log.readSubject(batchSubject(batchId))),
    inMotion: (batchId) => hot.get(batchId)?.state,
    active: () => [...hot.values()].map(({ state }) => state),
    forget: (batchId) => void hot.delete(batchId),

    async change(batchId, actor, decide) {
      for (let tries = 0; tries < MAX_CONFLICTS; tries++) {
        const loaded = await load(batchId)
        if (loaded.kind !== 'batch') return undefined
        const events = decide(loaded.state)
        if (events.length === 0) return loaded.state
        const envelopes = envelopesOf(loaded.state, actor, events)
        const result = await log.append(batchSubject(batchId), loaded.sequence, envelopes)
        if (result.kind === 'conflict') {
          if ((hot.get(batchId)?.sequence ?? 0) < result.actual) await read(batchId)
          continue
        }
        const state = folded(loaded.state, events, envelopes) ?? loaded.state
        keep(batchId, state, result.sequence)
        return state
      }
      throw new Error(`Batch ${batchId}: ${MAX_CONFLICTS} writers in a row were faster; gave up.`)
    },

    async create(batchId, actor, events) {
      const envelopes = envelopesOf(undefined, actor, events)
      const result = await log.append(batchSubject(batchId), 0, envelopes)
      if (result.kind === 'conflict') return false
      const state = folded(undefined, events, envelopes)
      if (state) keep(batchId, state, result.sequence)
      return true
    },
  }
}

/** Why there is no batch under an id. */
export function missingBatch(batchId: string, kind: 'unknown' | 'expired'): Refusal {
  return kind === 'expired'
    ? refuse('expired', `Batch ${batchId} was removed for good; only its id is remembered.`)
    : refuse('not-found', `There is no batch ${batchId}.`)
}

function folded(
  before: BatchState | undefined,
  events: readonly BatchEvent[],
  envelopes: readonly EventEnvelope[],
): BatchState | undefined {
  return events.reduce((state, event, index) => applyEvent(state, event, envelopes[index]?.at ?? 0), before)
}

function fold(entries: readonly LogEntry[]): BatchState | undefined {
  let state: BatchState | undefined
  for (const { event, at } of stepsOf(entries)) state = applyEvent(state, event, at)
  return state
}

/** Events of newer versions that this build does not know are passed over: they stay in the log. */
function stepsOf(entries: readonly LogEntry[]): readonly BatchStep[] {
  return entries.flatMap(({ events }) =>
    events.flatMap((envelope) => {
      const event = batchEvent.safeParse(envelope)
      return event.success ? [{ at: envelope.at, event: event.data }] : []
    }),
  )
}

function isExpired(entries: readonly LogEntry[]): boolean {
  return entries.at(-1)?.events.at(-1)?.type === TOMBSTONE_TYPE
}
