import { expect, test } from 'vitest'
import { expectedEnds, type QueuedBatch } from './queue-forecast.ts'

const HOUR = 3_600_000
const batch = (batchId: string, more: Partial<QueuedBatch> = {}): QueuedBatch => ({
  batchId,
  model: 'small',
  tenant: 'local',
  offset: 0,
  deadline: 24 * HOUR,
  workMs: HOUR,
  startsAt: 0,
  ...more,
})
const hours = (...queue: readonly QueuedBatch[]) =>
  Object.fromEntries([...expectedEnds(queue, 0)].map(([id, at]) => [id, Number((at / HOUR).toFixed(2))]))

test.each([
  ['batches end one after the other in the order of claims', [batch('a'), batch('b', { workMs: 2 * HOUR })], { a: 1, b: 3 }],
  ['one that is moved up ends before those that it passes', [batch('a'), batch('b', { offset: 1 })], { a: 2, b: 1 }],
  [
    'one that starts later takes its place then',
    [batch('a', { workMs: 3 * HOUR }), batch('b', { startsAt: HOUR, offset: 1 })],
    { a: 4, b: 2 },
  ],
  ['while nobody may start nothing is done', [batch('a', { startsAt: 2 * HOUR })], { a: 3 }],
  [
    'one that was passed goes first again when it has no time to spare',
    [batch('a', { deadline: 3 * HOUR, workMs: HOUR }), batch('up', { offset: 2, workMs: 6 * HOUR })],
    { a: 2.99, up: 7 },
  ],
  ['behind unknown work nothing is known', [batch('a'), batch('b', { workMs: null }), batch('c')], { a: 1 }],
])('%s', (_name, queue, ends) => {
  const found = hours(...queue)
  expect(Object.keys(found)).toEqual(expect.arrayContaining(Object.keys(ends)))
  for (const [id, at] of Object.entries(ends)) expect(found[id]).toBeCloseTo(at, 0)
  expect(Object.keys(found).length).toBe(Object.keys(ends).length)
})

test('of thousands of batches the first 200 are foreseen, in a moment', () => {
  const queue = Array.from({ length: 5000 }, (_, n) => batch(`batch-${n}`, { deadline: 24 * HOUR + n, workMs: 60_000 }))
  const began = performance.now()
  expect(expectedEnds(queue, 0).size).toBe(200)
  expect(performance.now() - began).toBeLessThan(500)
})
