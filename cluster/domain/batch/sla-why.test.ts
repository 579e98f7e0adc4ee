import { expect, test } from 'vitest'
import { whyOf, type Circumstances } from './sla-why.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const quiet: Circumstances = {
  eta: { at: 0, p50_ms: 277 * MINUTE, p90_ms: 359 * MINUTE, source: 'measured' },
  leftMs: 333 * MINUTE,
  waitedMs: HOUR,
  pausedMs: 0,
  rates: { fast: 2741, slow: 2741 },
  retries: 0,
  tries: 1000,
  hold: null,
  windowMs: 24 * HOUR,
}
const outlook = 'Probably done 56 m before the deadline, 26 m late at worst.'

test.each<[string, Partial<Circumstances>, string]>([
  ['nothing but the outlook', {}, outlook],
  ['a slower engine', { rates: { fast: 1700, slow: 2741 } }, `${outlook} Its engine is 38 % slower than in the hour before.`],
  ['retries', { retries: 90 }, `${outlook} 9 % of its tries were retries.`],
  ['the queue', { waitedMs: 10 * HOUR + 17 * MINUTE }, `${outlook} It waited 10 h 17 m in the queue.`],
  ['a pause', { pausedMs: 5 * HOUR }, `${outlook} It was paused for 5 h.`],
  ['what holds it now', { hold: 'All slots are taken.' }, `${outlook} All slots are taken.`],
  [
    'that nothing is promised',
    { windowMs: Infinity, leftMs: 0 },
    'It runs in the background: no time is promised. It is probably done in 4 h 37 m, in 5 h 59 m at worst.',
  ],
  [
    'an estimate',
    { eta: { at: 0, p50_ms: 0, p90_ms: 333 * MINUTE, source: 'estimate' } },
    'Estimated to be done 5 h 33 m before the deadline, 0 s before the deadline at worst.',
  ],
  ['that too little is measured', { eta: null }, 'Too little is measured to say; 5 h 33 m left.'],
  ['that it is over', { leftMs: -90_000 }, 'The deadline passed 2 m ago.'],
])('the reason for a state names %s', (_name, more, words) => {
  expect(whyOf({ ...quiet, ...more })).toBe(words)
})
