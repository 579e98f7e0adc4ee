import { expect, test } from 'vitest'
import type { BatchLive, BatchRow } from '../../../../src-preload/contract/batch.ts'
import { batchLive, batchRow } from '../../../lib/sample-batches.ts'
import { inWorkOrder } from './work-order.ts'

const hold = (code: string) => ({ code, message: '', cured_by_waiting: true, fix: null })
const batch = (name: string, row: Partial<BatchRow>, live: Partial<BatchLive> = {}) =>
  [batchRow({ batch_id: name, ...row }), batchLive({ batch_id: name, ...live })] as const

test('batches stand as they are worked on: running, by place, by start, paused; the sooner deadline first among equals', () => {
  const batches = [
    batch('paused', { status: 'paused' }, { hold: hold('paused') }),
    batch('morning', { status: 'queued', not_before: 900 }, { hold: hold('not_before') }),
    batch('second', { status: 'queued' }, { queue: { position: 3, ahead: 2 } }),
    batch('reads', { status: 'validating', deadline: 9 }),
    batch('night', { status: 'queued', not_before: 800 }, { hold: hold('not_before') }),
    batch('next', { status: 'in_progress' }, { queue: { position: 2, ahead: 1 }, running: 0 }),
    batch('late', { status: 'in_progress', deadline: 20 }),
    batch('soon', { status: 'in_progress', deadline: 10 }),
  ]
  const live = new Map(batches.map(([row, picture]) => [row.batch_id, picture]))
  expect(
    inWorkOrder(
      batches.map(([row]) => row),
      live,
    ).map(({ batch_id }) => batch_id),
  ).toEqual(['soon', 'late', 'next', 'second', 'reads', 'night', 'morning', 'paused'])
})
