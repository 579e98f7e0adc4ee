import { expect, test } from 'vitest'
import type { QueueEffect } from '../../../../src-preload/contract/batch.ts'
import { batchRow } from '../../../lib/sample-batches.ts'
import { effectLines } from './queue-words.ts'

const at = (hours: number, minutes = 0) => new Date(2026, 6, 16, hours, minutes).getTime()
const row = batchRow({ status: 'queued', deadline: at(20) })
const effect = (more: Partial<QueueEffect> = {}): QueueEffect => ({
  position: { now: 5, then: 2 },
  of: 7,
  passes: 3,
  lets_pass: 0,
  end: { now: at(15, 20), then: at(14, 5) },
  others: [],
  basis: 'No rate was ever measured.',
  ...more,
})
const words = (more: Partial<QueueEffect>, of = row) =>
  effectLines(of, effect(more), at(12)).map((line) => line.words.replaceAll('\u00a0', ' '))

test.each([
  [
    'whom it passes and when it ends',
    {},
    ['It goes before 3 batches: place 2 of 7 instead of 5.', 'It ends about 14:05 instead of 15:20.'],
  ],
  [
    'who goes before it then',
    { position: { now: 2, then: 3 }, passes: 0, lets_pass: 1 },
    ['1 batch goes before it: place 3 of 7 instead of 2.', 'It ends about 14:05 instead of 15:20.'],
  ],
  [
    'that nothing else waits',
    { position: { now: 1, then: 1 }, of: 1, passes: 0, end: { now: null, then: null } },
    ['Nothing else waits for its model: it changes nothing now, and counts when something does.', 'No rate was ever measured.'],
  ],
  [
    'that it leaves the queue until its start',
    { position: { now: 1, then: null }, passes: 0, lets_pass: 6 },
    ['It leaves the queue until then; others go on.', 'It ends about 14:05 instead of 15:20.'],
  ],
  [
    'which others end later, three by name',
    {
      others: ['a', 'b', 'c', 'd', 'e'].map((name) => ({
        batch_id: name,
        name,
        deadline: at(20),
        end: { now: at(13), then: at(13, 30) },
      })),
    },
    [
      'It goes before 3 batches: place 2 of 7 instead of 5.',
      'It ends about 14:05 instead of 15:20.',
      '“a” ends about 13:30 instead of 13:00.',
      '“b” ends about 13:30 instead of 13:00.',
      '“c” ends about 13:30 instead of 13:00.',
      'The ends of 2 other batches move too.',
    ],
  ],
] as const)('a move is told by %s', (_name, more, lines) => {
  expect(words(more)).toEqual(lines)
})

test('an end after its deadline is told as late', () => {
  const others = [{ batch_id: 'b', name: 'Nightly', deadline: at(13), end: { now: at(12, 50), then: at(13, 12) } }]
  const late = effectLines(row, effect({ others }), at(12)).filter(({ isLate }) => isLate)
  expect(late.map((line) => line.words.replaceAll('\u00a0', ' '))).toEqual([
    '“Nightly” ends about 13:12 instead of 12:50: 12 m 00 s after its deadline.',
  ])
})

test('a paused batch has no place now', () => {
  const paused = batchRow({ status: 'paused' })
  expect(words({ position: { now: null, then: null }, passes: 0 }, paused)[0]).toContain('paused')
})
