import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decideCancel,
  decideChange,
  decideDeadline,
  decideEnd,
  decideFinalizing,
  decidePause,
  decidePlannedAgain,
  decideRefused,
  decideResume,
  decideStart,
  decideSubmit,
  decideTick,
  decideValidated,
  endingOf,
  type Decision,
} from './decide.ts'
import {
  applyEvents,
  HOUR_MS,
  sampleCounts,
  sampleEnd,
  samplePlan,
  sampleSettings,
  sampleSpec,
  SUBMITTED_AT,
} from './sample-batches.ts'
import { applyEvent, closedRequests, type BatchState } from './state.ts'
import { isTerminal, TRANSITIONS } from './transitions.ts'
import type { BatchCounts, BatchEvent, BatchSpec, BatchStatus } from './types.ts'

const TOTAL = 10

const accepted = (spec: BatchSpec = sampleSpec()): BatchState => applyEvents(undefined, decideSubmit(spec), SUBMITTED_AT)!
const after = (state: BatchState, list: readonly BatchEvent[], at = SUBMITTED_AT): BatchState => applyEvents(state, list, at)!
const eventsOf = (decision: Decision): readonly BatchEvent[] => (decision.kind === 'events' ? decision.events : [])
const queued = (spec?: BatchSpec): BatchState => after(accepted(spec), decideValidated(accepted(spec), samplePlan(TOTAL)))
const running = (spec?: BatchSpec): BatchState => after(queued(spec), decideStart(queued(spec), SUBMITTED_AT))
const done = (counts: Partial<BatchCounts>): BatchCounts => sampleCounts({ total: TOTAL, ...counts })

/** What can happen to a batch from outside, with how many more requests were finished by then and how much time went by. */
interface Move {
  readonly kind:
    | 'validated'
    | 'invalid'
    | 'start'
    | 'pause'
    | 'resume'
    | 'change'
    | 'cancel'
    | 'tick'
    | 'finalizing'
    | 'planned again'
    | 'end'
    | 'any end'
  readonly pick: number
  readonly finished: number
  readonly hours: number
}

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('validated' as const, 'start' as const, 'finalizing' as const, 'end' as const) },
      {
        weight: 2,
        arbitrary: fc.constantFrom('pause' as const, 'resume' as const, 'tick' as const, 'change' as const, 'any end' as const),
      },
      { weight: 1, arbitrary: fc.constantFrom('invalid' as const, 'cancel' as const, 'planned again' as const) },
    ),
    pick: fc.nat(100),
    finished: fc.nat(4),
    hours: fc.nat(3),
  }),
  { maxLength: 50 },
)

const specs: fc.Arbitrary<BatchSpec> = fc
  .record({ hours: fc.integer({ min: 1, max: 30 }), on_deadline: fc.constantFrom('expire' as const, 'continue' as const) })
  .map(({ hours, on_deadline }) => sampleSpec({ window_ms: hours * HOUR_MS, settings: sampleSettings({ on_deadline }) }))

interface Walk {
  readonly states: readonly BatchState[]
  readonly log: readonly { readonly event: BatchEvent; readonly at: number }[]
}

function walk(spec: BatchSpec, path: readonly Move[]): Walk {
  let state = accepted(spec)
  const log = decideSubmit(spec).map((event) => ({ event, at: SUBMITTED_AT }))
  const states = [state]
  let [now, finished] = [SUBMITTED_AT, 0]
  for (const move of path) {
    now += move.hours * HOUR_MS
    if (state.status === 'in_progress') finished = Math.min(TOTAL, finished + move.finished)
    for (const event of decide(state, move, done({ completed: finished }), now)) {
      log.push({ event, at: now })
      state = applyEvent(state, event, now)!
      states.push(state)
    }
  }
  return { states, log }
}

function decide(state: BatchState, { kind, pick }: Move, counts: BatchCounts, now: number): readonly BatchEvent[] {
  switch (kind) {
    case 'validated':
      return decideValidated(state, samplePlan(TOTAL))
    case 'invalid':
      return decideRefused(state, 1, [], 'Line 1 is no JSON.')
    case 'start':
      return decideStart(state, now)
    case 'pause':
      return eventsOf(decidePause(state, 'spec', 'because'))
    case 'resume':
      return eventsOf(decideResume(state, 'spec'))
    case 'change':
      return eventsOf(decideChange(state, 'spec', { max_concurrency: 1 + (pick % 8) }, now + (pick - 50) * HOUR_MS, now))
    case 'cancel':
      return eventsOf(decideCancel(state, 'spec'))
    case 'tick':
      return [
        ...decideTick(state, { counts, rates: null, eta: null, concurrency: 4, sla: 'on_track', why: '', alerts: [] }),
        ...decideDeadline(state, counts, now),
      ]
    case 'finalizing':
      return decideFinalizing(state, counts)
    case 'planned again':
      return decidePlannedAgain(state, counts, 'The stored requests were damaged.')
    case 'end': {
      const ending = endingOf(state, counts, now)
      return ending ? decideEnd(state, sampleEnd(ending.status, counts), now) : []
    }
    case 'any end': {
      const statuses = ['completed', 'failed', 'expired', 'cancelled'] as const
      return decideEnd(state, sampleEnd(statuses[pick % 4] ?? 'failed', counts), now)
    }
  }
}

function holds(property: (walked: Walk) => void): void {
  fc.assert(
    fc.property(specs, moves, (spec, path) => property(walk(spec, path))),
    { numRuns: 500 },
  )
}

test('a batch only goes where its status can go', () => {
  holds(({ states }) => {
    for (const [index, state] of states.entries()) {
      const before = states[index - 1]?.status
      if (before === undefined || before === state.status) continue
      expect(TRANSITIONS[before] as readonly BatchStatus[]).toContain(state.status)
    }
  })
})

test('a terminal status is final', () => {
  holds(({ states }) => {
    const at = states.findIndex((state) => isTerminal(state.status))
    if (at < 0) return
    for (const state of states.slice(at))
      expect({ ...state, settled: null, sla: null }).toEqual({ ...states[at], settled: null, sla: null })
  })
})

test('a batch ends once and is settled once, and one with a valid file never ends without', () => {
  holds(({ log, states }) => {
    const count = (...types: readonly BatchEvent['type'][]) => log.filter(({ event }) => types.includes(event.type)).length
    expect(count('batch.ended', 'batch.refused')).toBeLessThanOrEqual(1)
    expect(count('batch.settled')).toBeLessThanOrEqual(1)
    if (count('batch.ended') === 1) expect(states.at(-1)!.settled).not.toBeNull()
  })
})

test('a batch is completed only when every request has an outcome', () => {
  holds(({ states }) => {
    for (const { status, counts } of states) if (status === 'completed') expect(closedRequests(counts)).toBe(TOTAL)
  })
})

test('the log tells the whole state: folding it again gives the same', () => {
  holds(({ log, states }) => {
    const again = log.reduce<BatchState | undefined>((state, { event, at }) => applyEvent(state, event, at), undefined)
    expect(again).toEqual(states.at(-1))
  })
})

test('a cancel in finalizing is refused with the reason', () => {
  const finalizing = after(running(), decideFinalizing(running(), done({ completed: TOTAL })))
  expect(decideCancel(finalizing, 'spec')).toEqual({
    kind: 'refused',
    code: 'conflict',
    message: 'Every request has an outcome already and its files are being written: there is nothing left to cancel.',
  })
})

test('a second cancel changes nothing and is no error', () => {
  const cancelling = after(running(), eventsOf(decideCancel(running(), 'spec')))
  expect(decideCancel(cancelling, 'spec')).toEqual({ kind: 'events', events: [] })
})

test('a batch does not start before its start time, while its window counts from the submit', () => {
  const later = queued(sampleSpec({ settings: sampleSettings({ not_before: SUBMITTED_AT + HOUR_MS }) }))
  expect(decideStart(later, SUBMITTED_AT + HOUR_MS - 1)).toEqual([])
  expect(decideStart(later, SUBMITTED_AT + HOUR_MS)).toEqual([{ type: 'batch.started', data: {} }])
  expect(later.deadline).toBe(SUBMITTED_AT + 24 * HOUR_MS)
})

test('another start is set until a batch has begun, and before its deadline', () => {
  const waiting = queued()
  const at = SUBMITTED_AT + HOUR_MS
  const later = after(waiting, eventsOf(decideChange(waiting, 'spec', { not_before: at }, undefined, SUBMITTED_AT)))
  expect(later.settings.not_before).toBe(at)
  const atOnce = after(later, eventsOf(decideChange(later, 'spec', { not_before: undefined }, undefined, SUBMITTED_AT)))
  expect(atOnce.settings.not_before).toBeUndefined()
  expect(decideChange(waiting, 'spec', { not_before: waiting.deadline }, undefined, SUBMITTED_AT)).toMatchObject({
    kind: 'refused',
    field: 'not_before',
  })
  expect(decideChange(running(), 'spec', { not_before: at }, undefined, SUBMITTED_AT)).toMatchObject({
    kind: 'refused',
    code: 'conflict',
    message: 'It has begun already; pause it instead.',
  })
})

test('at the deadline a batch that goes on is settled as missed, and not again at its end', () => {
  const state = running(sampleSpec({ settings: sampleSettings({ on_deadline: 'continue' }) }))
  const settled = decideDeadline(state, done({ completed: 4 }), state.deadline)
  expect(settled).toEqual([
    { type: 'batch.settled', data: { verdict: 'missed', margin_ms: 0, requests_done: 4, cost_micro_usd: 0 } },
  ])
  const late = after(state, settled, state.deadline)
  expect(endingOf(late, done({ completed: 4 }), state.deadline + 1)).toBeUndefined()
  const finalizing = after(late, decideFinalizing(late, done({ completed: TOTAL })))
  const end = decideEnd(finalizing, sampleEnd('completed', done({ completed: TOTAL })), state.deadline + HOUR_MS)
  expect(end.map(({ type }) => type)).toEqual(['batch.ended'])
})

test('a batch in the background is settled neither at the end of its window nor at its own', () => {
  const settings = sampleSettings({ on_deadline: 'continue' })
  const state = running(sampleSpec({ completion_window: 'background', settings }))
  expect(decideDeadline(state, done({ completed: 4 }), state.deadline)).toEqual([])
  const finalizing = after(state, decideFinalizing(state, done({ completed: TOTAL })))
  const end = decideEnd(finalizing, sampleEnd('completed', done({ completed: TOTAL })), state.deadline + HOUR_MS)
  expect(end.map(({ type }) => type)).toEqual(['batch.ended'])
})

test('a batch whose last request was answered before its files were written late is completed, and missed', () => {
  const finalizing = after(running(), decideFinalizing(running(), done({ completed: TOTAL })))
  const end = decideEnd(finalizing, sampleEnd('completed', done({ completed: TOTAL })), finalizing.deadline + 5)
  expect(end[1]).toMatchObject({ type: 'batch.settled', data: { verdict: 'missed', margin_ms: -5 } })
})

test('a ceiling of errors is looked at from 100 finished requests on, a ceiling of cost always', () => {
  const strict = running(sampleSpec({ settings: sampleSettings({ error_ceiling: 0.1, cost_ceiling_micro_usd: 1000 }) }))
  const ending = (counts: Partial<BatchCounts>) => endingOf(strict, sampleCounts({ total: 500, ...counts }), SUBMITTED_AT)
  expect(ending({ completed: 50, failed: 49 })).toBeUndefined()
  expect(ending({ completed: 90, failed: 10 })).toBeUndefined()
  expect(ending({ completed: 89, failed: 11 })).toEqual({
    status: 'failed',
    reason: '11 of 100 finished requests failed (11.0 %), more than its ceiling of 10.0 %.',
  })
  expect(ending({ completed: 1, cost_micro_usd: 1001 })).toEqual({
    status: 'failed',
    reason: 'It has cost $0.001001, more than its ceiling of $0.001000.',
  })
  expect(endingOf(strict, sampleCounts({ total: 500, cost_micro_usd: 400 }), SUBMITTED_AT, 600)).toBeUndefined()
  expect(endingOf(strict, sampleCounts({ total: 500, cost_micro_usd: 400 }), SUBMITTED_AT, 601)?.reason).toBe(
    'It has cost $0.001001 ($0.000601 of it for its slots), more than its ceiling of $0.001000.',
  )
})

test('a deadline can be moved until it has passed, and only into the future', () => {
  const state = running()
  expect(decideChange(state, 'spec', {}, SUBMITTED_AT, SUBMITTED_AT)).toMatchObject({ kind: 'refused', field: 'deadline' })
  const moved = eventsOf(decideChange(state, 'spec', {}, state.deadline + HOUR_MS, SUBMITTED_AT))
  expect(after(state, moved).deadline).toBe(state.deadline + HOUR_MS)
  expect(decideChange(state, 'spec', { max_retries: 3 }, undefined, SUBMITTED_AT)).toEqual({ kind: 'events', events: [] })
})

test('ticks store progress only where something moved, and a change of the SLA state once', () => {
  const state = running()
  const tick = {
    counts: done({}),
    rates: null,
    eta: null,
    concurrency: 4,
    sla: 'at_risk',
    why: 'slow engine',
    alerts: [],
  } as const
  const first = decideTick(state, tick)
  expect(first).toEqual([
    { type: 'batch.sla_changed', data: { from: 'estimating', to: 'at_risk', eta: null, why: 'slow engine' } },
  ])
  expect(decideTick(after(state, first), tick)).toEqual([])
})

test('a batch whose requests were read again is queued, with the outcomes that are left, and can fail from anywhere', () => {
  const finalizing = after(running(), decideFinalizing(running(), done({ completed: TOTAL })))
  const again = after(finalizing, decidePlannedAgain(finalizing, done({ completed: 4 }), 'Damaged.'))
  expect(again).toMatchObject({ status: 'queued', counts: { completed: 4 } })
  const paused = after(running(), eventsOf(decidePause(running(), 'spec', 'because')))
  expect(after(paused, decidePlannedAgain(paused, done({}), 'Damaged.')).status).toBe('paused')
  for (const state of [queued(), running(), paused, finalizing])
    expect(after(state, decideEnd(state, sampleEnd('failed', done({})), SUBMITTED_AT)).status).toBe('failed')
})
