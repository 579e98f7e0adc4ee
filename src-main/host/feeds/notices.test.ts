import { expect, it } from 'vitest'
import { retentionNotice, toNotice } from './notices.ts'

const notice = { id: 'n', at: 1, batch_id: 'batch_1', name: 'nightly' }

it.each([
  [
    'that is done says so',
    { kind: 'completed', severity: 'info', message: 'Every request has an outcome.' },
    ['good', 'nightly: done', 'Every request has an outcome.'],
  ],
  [
    'of which requests failed is not told as good',
    { kind: 'completed', severity: 'warning', message: 'Every request has an outcome; 3 of 9 failed.' },
    ['warn', 'nightly: done', 'Every request has an outcome; 3 of 9 failed.'],
  ],
  [
    'that is refused gives the reason once',
    { kind: 'refused', severity: 'critical', message: 'Two engines serve m: name one.' },
    ['bad', 'nightly: refused', 'Two engines serve m: name one.'],
  ],
  [
    'at risk has its state as title and the cause below',
    { kind: 'sla.at_risk', severity: 'warning', message: 'At risk: the rate fell: one engine is gone' },
    ['warn', 'nightly: At risk', 'the rate fell: one engine is gone'],
  ],
] as const)('a batch %s', (_, moment, expected) => {
  const { severity, title, body } = toNotice({ ...notice, ...moment })
  expect([severity, title, body]).toEqual(expected)
})

const report = { at: 1, days: 90, runs: 0, batches: 0, bytes: 1_240_000, left: 0, reason: null }

it.each([
  [
    'says what it removed and what that freed',
    { runs: 12, batches: 3 },
    ['info', '12 runs and 3 batches expired', 'Ended more than 90 days ago; frees 1.2 MB of texts and files.'],
  ],
  [
    'that left something says why',
    { batches: 1, left: 2, reason: 'dlb-1: disk full' },
    [
      'warn',
      '1 batch expired',
      'Ended more than 90 days ago; frees 1.2 MB of texts and files. 2 could not be removed (dlb-1: disk full); this is tried again every hour.',
    ],
  ],
  [
    'that could remove nothing says so',
    { left: 1, reason: 'dlb-1: disk full' },
    ['warn', 'What is to expire stays', '1 could not be removed (dlb-1: disk full); this is tried again every hour.'],
  ],
])('retention %s', (_, found, expected) => {
  const { severity, title, body } = retentionNotice({ ...report, ...found })
  expect([severity, title, body]).toEqual(expected)
})
