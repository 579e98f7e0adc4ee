import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { play, sampleAgent, sampleBaseline, sampleSpec } from '../../domain/deliberation/sample-runs.ts'
import { applyEvent, isTerminal, type RunState } from '../../domain/deliberation/state.ts'
import { deliberationEvent, type DeliberationEvent } from '../../messages/deliberation-events.ts'
import { TOMBSTONE_TYPE, type EventEnvelope } from '../../messages/envelope.ts'
import { deliberationFold } from './fold.ts'
import { deliberationQueries } from './queries.ts'
import { deliberationTables } from './tables.ts'

const t = (name: string): string => `v1_${name}`
const TASK = 'dlb-fuzz'

/** The logs of real runs of different shapes: what fuzzing starts from. */
const bases: readonly (readonly { type: string; data: unknown }[])[] = [
  { count: 1, rounds: 0 },
  { count: 2, rounds: 0 },
  { count: 2, rounds: 1 },
  { count: 3, rounds: 2, revision_by: 'critic' as const },
  { count: 2, rounds: 0, baseline: sampleBaseline(2) },
  { count: 3, rounds: 1, architect: sampleAgent(9, { agent_id: 'architect' }) },
].map((shape) => play({ ...sampleSpec(shape), task_id: TASK }).events)

type Twist =
  | { readonly kind: 'again'; readonly at: number }
  | { readonly kind: 'drop'; readonly at: number }
  | { readonly kind: 'stranger'; readonly at: number; readonly type: string; readonly data: unknown }
  | { readonly kind: 'newer'; readonly at: number; readonly field: string; readonly value: unknown }

const place = fc.nat(60)
const twist: fc.Arbitrary<Twist> = fc.oneof(
  fc.record({ kind: fc.constant('again' as const), at: place }),
  fc.record({ kind: fc.constant('drop' as const), at: place }),
  fc.record({
    kind: fc.constant('stranger' as const),
    at: place,
    type: fc.oneof(fc.constantFrom('deliberation.rethought', '__proto__', 'deliberation.ended2'), fc.string()),
    data: fc.jsonValue(),
  }),
  fc.record({
    kind: fc.constant('newer' as const),
    at: place,
    field: fc.constantFrom('phase', 'contribution', 'status', 'metrics', 'ranking', 'later_field', '__proto__'),
    value: fc.jsonValue(),
  }),
)
const sequences = fc.record({ base: fc.nat(bases.length - 1), twists: fc.array(twist, { maxLength: 6 }) })

/** The base with its twists; the first event stays, as it does in every log. */
function twisted(base: number, twists: readonly Twist[]): EventEnvelope[] {
  const events = [...(bases[base] ?? [])]
  for (const one of twists) {
    const at = 1 + (one.at % Math.max(1, events.length - 1))
    const there = events[at]
    if (one.kind === 'stranger') events.splice(at, 0, { type: one.type, data: one.data })
    else if (!there) continue
    else if (one.kind === 'again') events.push(there)
    else if (one.kind === 'drop') events.splice(at, 1)
    else events[at] = { type: there.type, data: { ...(there.data as object), [one.field]: one.value } }
  }
  return events.map(({ type, data }, index) => ({
    id: `e${index}`,
    type,
    at: 1_700_000_000_000 + index,
    actor: 'spec',
    tenant: 'local',
    schema: 1,
    data,
  }))
}

/** Events of the bases are read once: they come back in thousands of sequences. */
const read = new WeakMap<object, DeliberationEvent>()
function known({ type, data }: EventEnvelope): DeliberationEvent | undefined {
  const before = typeof data === 'object' && data !== null ? read.get(data) : undefined
  if (before?.type === type) return before
  const event = deliberationEvent.safeParse({ type, data }).data
  if (event && typeof data === 'object' && data !== null) read.set(data, event)
  return event
}

/** As the plane folds a log: what this build does not know is passed over. */
function states(events: readonly EventEnvelope[]): RunState[] {
  const all: RunState[] = []
  for (const envelope of events) {
    const event = known(envelope)
    if (event) all.push(applyEvent(all.at(-1), event, envelope.at))
  }
  return all
}

const SEQUENCES = 2_500
/** The tables take ten times as long as the plane, so they see one sequence in so many. */
const TABLES_EVERY = 20

describe.each([1, 2, 3, 4])('2,500 fuzzed sequences of events, part %i', (part) => {
  let db: Database.Database
  beforeAll(() => {
    db = new Database(':memory:')
    db.exec(deliberationTables(t))
  })
  afterAll(() => void db.close())

  it('leave a run that counts each answer once, keeps its end, and ranks each author once, for the plane and for its tables', () => {
    const apply = deliberationFold(db, t)
    const queries = deliberationQueries(db, t)
    const clear = db.prepare(`DELETE FROM ${t('part')}`)
    let sequence = 0
    fc.assert(
      fc.property(sequences, ({ base, twists }) => {
        const events = twisted(base, twists)
        const folded = states(events)
        const last = folded.at(-1)
        const end = folded.find(isTerminal)
        if (end) expect([last?.status, last?.ranking, last?.spent]).toEqual([end.status, end.ranking, end.spent])
        const ranked = last?.ranking?.map(({ agent_id }) => agent_id) ?? []
        expect(new Set(ranked).size).toBe(ranked.length)

        if (sequence++ % TABLES_EVERY > 0) return
        db.transaction(() => {
          clear.run()
          for (const event of events) apply(TASK, event)
        })()
        const found = queries.board(TASK, 0)
        if (found.kind !== 'board') return expect.unreachable('the run was submitted')
        const { row, versions, baseline } = found.board
        const calls = [...found.board.calls, ...(baseline?.samples ?? []).map((sample) => sample.call)]
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length)
        expect(new Set(versions.map(({ agent_id, round }) => `${agent_id}.${round}`)).size).toBe(versions.length)
        const settled = calls.filter(({ tokens_out }) => tokens_out !== null)
        expect(row.tokens_out).toBe(settled.reduce((sum, call) => sum + (call.tokens_out ?? 0), 0))
        if (end) expect(row.status).toBe(end.status)
      }),
      { numRuns: SEQUENCES, seed: 20_261_125 + part, endOnFailure: true },
    )
  })
})

it('A tombstone ends what any sequence left', () => {
  const db = new Database(':memory:')
  db.exec(deliberationTables(t))
  const apply = deliberationFold(db, t)
  for (const event of twisted(2, [])) apply(TASK, event)
  apply(TASK, { id: 'gone', type: TOMBSTONE_TYPE, at: 1, actor: 'spec', tenant: 'local', schema: 1, data: {} })
  expect(deliberationQueries(db, t).board(TASK, 0)).toEqual({ kind: 'expired' })
  db.close()
})
