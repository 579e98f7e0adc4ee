import { expect, test } from 'vitest'
import { batchDetail, batchLive, batchRow, counts } from '../../../lib/sample-batches.ts'
import { batchVerdict } from './batch-verdict.ts'
import { rateSteps } from './rate-steps.ts'
import { remediesFor } from './remedies.ts'
import { stageSteps } from './stage-steps.ts'

const HOUR = 3_600_000
const now = HOUR
const sentence = (...args: Parameters<typeof batchVerdict>) => {
  const { tone, sentence: words, why } = batchVerdict(...args)
  return [
    tone,
    words
      .replaceAll('\u00a0', ' ')
      .replace(/\d\d:\d\d/g, 'hh:mm')
      .replace(/[A-Z][a-z]{2} (?=hh)/g, ''),
    why.replaceAll('\u00a0', ' '),
  ]
}

test.each([
  ['on track', batchRow(), batchLive(), 'good', 'Probably done hh:mm, by hh:mm at worst; the deadline is hh:mm'],
  [
    'at risk',
    batchRow(),
    batchLive({ sla: { state: 'at_risk', since: 0, why: 'the rate fell' } }),
    'warn',
    'At risk: probably done hh:mm, by hh:mm at worst; the deadline is hh:mm',
  ],
  [
    'late',
    batchRow(),
    batchLive({ eta: null, sla: { state: 'breached', since: 0, why: '' } }),
    'bad',
    'Past its deadline: the deadline was hh:mm',
  ],
  [
    'only begun',
    batchRow(),
    batchLive({ eta: null }),
    'neutral',
    'Running; when it is done is not known yet. The deadline is hh:mm',
  ],
  [
    'in the queue',
    batchRow({ status: 'queued' }),
    batchLive({ eta: null, queue: { position: 3, ahead: 2 } }),
    'neutral',
    '3rd in the queue; when it is done is not known yet. The deadline is hh:mm',
  ],
  [
    'before it runs',
    batchRow({ status: 'queued' }),
    batchLive({ eta: { at: now, p50_ms: HOUR, p90_ms: HOUR, source: 'estimate' } }),
    'good',
    'About done hh:mm, by hh:mm at worst; the deadline is hh:mm',
  ],
  [
    'paused',
    batchRow({ status: 'paused' }),
    batchLive(),
    'neutral',
    'Paused with 32 of 100 requests done; the deadline is hh:mm',
  ],
  [
    'done',
    batchRow({ status: 'completed', ended_at: 2 * HOUR, counts: counts({ completed: 100 }) }),
    null,
    'good',
    'Done hh:mm: 100 of 100 requests answered',
  ],
  [
    'done with errors',
    batchRow({ status: 'completed', ended_at: 2 * HOUR, counts: counts({ completed: 98, failed: 2 }) }),
    null,
    'warn',
    'Done hh:mm: 98 of 100 requests answered, 2 failed',
  ],
  [
    'refused',
    batchRow({ status: 'failed', ended_at: 2 * HOUR, counts: counts({ total: 0 }), message: '3 lines' }),
    null,
    'bad',
    'Failed hh:mm',
  ],
] as const)('%s', (_, row, live, tone, words) => {
  expect(sentence(row, live, now).slice(0, 2)).toEqual([tone, words])
})

test('a batch in the background names no deadline', () => {
  expect(sentence(batchRow(), batchLive(), now, false)[1]).toBe(
    'Probably done hh:mm, by hh:mm at worst; it runs in the background, no time is promised',
  )
  const over = batchRow({ status: 'completed', ended_at: 200 * HOUR, counts: counts({ completed: 100 }) })
  expect(sentence(over, null, 201 * HOUR, false)[2]).toBe('It ran in the background: no time was promised.')
})

test('a batch that waits for a person says what to do', () => {
  const hold = {
    code: 'model_missing',
    message: 'No engine serves m.',
    cured_by_waiting: false,
    fix: 'Add one on the Models page.',
  }
  expect(sentence(batchRow(), batchLive({ hold }), now)).toEqual([
    'warn',
    'Waits for you: no engine',
    'No engine serves m. Add one on the Models page.',
  ])
})

test('the end of a late batch says by how much', () => {
  expect(
    sentence(batchRow({ status: 'completed', ended_at: 25 * HOUR, counts: counts({ completed: 100 }) }), null, 26 * HOUR)[2],
  ).toBe('1 h 00 m after the deadline.')
})

test('the running stage shows how far it is and how long it has to go', () => {
  const steps = stageSteps(batchDetail(), batchLive(), now, (reason) => reason)
  expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'half', 'next', 'next'])
  expect(steps[2]?.progress).toBe(0.32)
  expect(JSON.stringify(steps[2]?.what).replaceAll('\u00a0', ' ')).toContain('P50 1 h 00 m to go')
})

test('what may help: more at once, another engine, the pause of another batch, a later deadline', () => {
  const other = batchRow({ batch_id: 'batch_2' })
  const situation = {
    detail: batchDetail(),
    live: batchLive(),
    others: [other],
    engines: [
      { engine_id: 'e', model: 'm' },
      { engine_id: 'f', model: 'n' },
    ],
  }
  expect(remediesFor(situation)).toEqual([
    { kind: 'concurrency', limit: 8 },
    { kind: 'overflow', engine_id: 'f', model: 'n', requests: 17 },
    { kind: 'pause_other', batch_id: 'batch_2' },
    { kind: 'deadline', deadline: 30 * HOUR },
  ])
  expect(remediesFor({ ...situation, detail: batchDetail(batchRow({ status: 'completed', ended_at: 1 })) })).toEqual([])
})

test('rates become even steps; a step without a measurement is a gap', () => {
  const point = (at: number, rate: number | null) => ({ at, completed: 0, failed: 0, tokens_out: 0, rate, concurrency: 1 })
  expect(rateSteps([point(0, 1)])).toBeNull()
  expect(rateSteps([point(0, 2), point(15_000, null), point(30_000, 4), point(31_000, 6)])).toEqual({
    from: -15_000,
    step_ms: 15_000,
    values: [2, null, 5],
  })
})
