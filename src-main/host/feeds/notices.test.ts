import { expect, it } from 'vitest'
import { toNotice } from './notices.ts'

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
