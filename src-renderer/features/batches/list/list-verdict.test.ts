import { expect, test } from 'vitest'
import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'
import { batchLive, batchRow } from '../../../lib/sample-batches.ts'
import { foldBatches, type MovingBatches } from '../../../lib/use-batches.ts'
import { listVerdict } from './list-verdict.ts'

const moving = (...batches: readonly (readonly [BatchRow, BatchLive])[]) => ({
  rows: batches.map(([row]) => row),
  live: new Map(batches.map(([row, live]) => [row.batch_id, live])),
  shedding: null,
  counts: {
    all: 3,
    moving: batches.length,
    waiting: batches.filter(([, { hold }]) => hold !== null).length,
    at_risk: batches.filter(([, { sla }]) => sla.state !== 'on_track').length,
    failed: 1,
  },
})

test('the list says whether all will be done in time, worst first', () => {
  const late = batchLive({ sla: { state: 'breaching', since: 0, why: 'a slow engine' } })
  const words = (value: MovingBatches) => {
    const { shape, sentence } = listVerdict(value, 0)
    return [shape, sentence.replaceAll('\u00a0', ' ')]
  }
  expect(words(moving())).toEqual(['off', 'Nothing runs'])
  expect(words(moving([batchRow(), batchLive()]))).toEqual(['good', '1 batch under way, none at risk'])
  const hold = { code: 'pool', message: 'All 2 slots are taken.', cured_by_waiting: true, fix: null }
  expect(words(moving([batchRow(), batchLive({ hold })]))).toEqual(['good', '1 batch under way, waiting, none at risk'])
  const down = { code: 'engine_down', message: 'It is down.', cured_by_waiting: false, fix: 'Start it.' }
  expect(words(moving([batchRow(), batchLive({ hold: down })]))).toEqual(['warn', '1 batch waits for you'])
  expect(words(moving([batchRow({ status: 'paused' }), batchLive({ hold: down })]))[0]).toBe('good')
  const shedding = { since: 0, why: ['the queue is 90 % full'], actions: ['defer_low' as const], escalated_at: null }
  expect(words({ ...moving([batchRow(), batchLive()]), shedding })).toEqual(['warn', 'Batches are held back; none is at risk'])
  expect(words({ ...moving([batchRow(), batchLive()]), shedding: { ...shedding, escalated_at: 1 } })).toEqual([
    'bad',
    'Batches are held back, and nobody has looked yet; none is at risk',
  ])
  expect(words(moving([batchRow(), late]))).toEqual(['bad', '1 batch at risk, 1 of them late more likely than not'])
})

test('changes are laid over the rows that are there, newest first; an ended batch has no live picture', () => {
  const first = foldBatches(null, { type: 'snapshot', rows: [batchRow()], live: [batchLive()], total: 1 })
  const second = foldBatches(first, {
    type: 'changes',
    upserts: [batchRow({ batch_id: 'batch_2', created_at: 5 }), batchRow({ ended_at: 9 })],
    removed: [],
    live: [],
    total: 2,
  })
  expect([second.rows.map((row) => row.batch_id), [...second.live.keys()], second.total]).toEqual([['batch_2', 'batch_1'], [], 2])
})
