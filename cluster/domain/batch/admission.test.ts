import { describe, expect, test } from 'vitest'
import { admit, type AdmissionInput } from './admission.ts'

const HOUR = 3_600_000
/** 100 tokens a second: 360,000 in an hour. */
const input: AdmissionInput = {
  pending: 60_000,
  added: 100_000,
  requests: 1000,
  rate: 100,
  windowMs: HOUR,
  relax: 1,
  isBackground: false,
}

describe('a batch', () => {
  test.each([
    ['that uses up to 0.8 of what is left fits', { added: 228_000 }, 'accept', 1],
    ['that uses more fits at risk', { added: 228_001 }, 'accept_at_risk', 1],
    ['that uses all of it fits at risk', { added: 300_000 }, 'accept_at_risk', 1],
    ['that needs more does not, and the shortest window that holds it is named', { added: 300_001 }, 'reject', 2],
    ['that no week holds has no such window', { added: 1e9 }, 'reject', null],
    ['fits where the capacity may be stretched', { added: 300_001, relax: 1.5 }, 'accept', 1],
    ['in the background always fits', { added: 1e9, isBackground: true }, 'accept', null],
  ])('%s', (_name, more, verdict, hours) => {
    expect(admit({ ...input, ...more })).toMatchObject({ verdict, earliest_window_hours: hours })
  })

  test('that does not fit is told how much of it would', () => {
    const { message, capacity_tokens } = admit({ ...input, added: 600_000 })
    expect(capacity_tokens).toBe(360_000)
    expect(message).toBe(
      'It does not fit: with what waits already it needs 183 % of the 1 h window. The shortest window that holds it is 2 h. At most 500 of its 1000 requests fit.',
    )
  })

  test('is let in where no rate was ever measured, and the message says so', () => {
    const verdict = admit({ ...input, rate: null })
    expect(verdict).toMatchObject({ verdict: 'accept', capacity_tokens: null, earliest_window_hours: null })
    expect(verdict.message).toContain('not known')
  })
})
