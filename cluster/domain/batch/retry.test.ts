import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterCrash, longestDelayMs, mayHelp, nextTry, type FailedTry } from './retry.ts'

const status = (code: number, more: { retryAfterMs?: number; modelAbsent?: boolean } = {}): FailedTry => ({
  kind: 'status',
  status: code,
  retryAfterMs: more.retryAfterMs,
  modelAbsent: more.modelAbsent ?? false,
})
const noAnswer = (reason: 'connection' | 'timeout' | 'crashed'): FailedTry => ({ kind: 'no_answer', reason })
const first = { tries: 1, maxRetries: 3, dice: 0.5, engineAway: false }

describe('a failed try', () => {
  test.each([
    ['408 may work later', status(408), true],
    ['429 may', status(429), true],
    ['499 may', status(499), true],
    ['500 may', status(500), true],
    ['503 may', status(503), true],
    ['404 may where the model is absent', status(404, { modelAbsent: true }), true],
    ['404 is final otherwise', status(404), false],
    ['400 is final', status(400), false],
    ['401 is final', status(401), false],
    ['413 is final', status(413), false],
    ['422 is final', status(422), false],
    ['no connection may', noAnswer('connection'), true],
    ['an answer that took too long may', noAnswer('timeout'), true],
    ['a crash may', noAnswer('crashed'), true],
  ])('of %s', (_name, failed, helps) => {
    expect(mayHelp(failed)).toBe(helps)
    expect(nextTry(failed, first).kind).toBe(helps ? 'again' : 'final')
  })

  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [10, 60_000],
  ])('number %i is followed by a pause of at most %i ms', (retry, most) => {
    expect(longestDelayMs(retry)).toBe(most)
  })

  test('is followed by what Retry-After says, whatever the dice', () => {
    expect(nextTry(status(429, { retryAfterMs: 7000 }), first)).toEqual({ kind: 'again', delayMs: 7000 })
  })

  test('is the last one after three retries', () => {
    expect(nextTry(status(503), { ...first, tries: 3 }).kind).toBe('again')
    expect(nextTry(status(503), { ...first, tries: 4 })).toEqual({ kind: 'final' })
  })

  test('uses up nothing while the engine is away', () => {
    expect(nextTry(noAnswer('connection'), { ...first, tries: 4, engineAway: true })).toEqual({ kind: 'wait' })
    expect(nextTry(status(400), { ...first, engineAway: true })).toEqual({ kind: 'final' })
  })

  test('is followed by a pause within the bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tries, dice) => {
          const next = nextTry(status(500), { tries, maxRetries: 10, dice, engineAway: false })
          expect(next.kind).toBe('again')
          if (next.kind === 'again') expect(next.delayMs).toBeLessThan(longestDelayMs(tries))
        },
      ),
    )
  })
})

describe('after a crash', () => {
  test('all that were running are tried one by one, and nobody is blamed', () => {
    const running = [
      { n: 1, crashesAlone: 0 },
      { n: 2, crashesAlone: 1 },
    ]
    expect(afterCrash(running)).toEqual({ blamed: [], alone: running })
  })

  test('the request that was alone is blamed the second time', () => {
    expect(afterCrash([{ n: 7, crashesAlone: 0 }])).toEqual({ blamed: [], alone: [{ n: 7, crashesAlone: 1 }] })
    expect(afterCrash([{ n: 7, crashesAlone: 1 }])).toEqual({ blamed: [7], alone: [] })
  })

  test('of an engine that ran nothing there is nobody to suspect', () => {
    expect(afterCrash([])).toEqual({ blamed: [], alone: [] })
  })

  test('a poisoned request among others is found, and only it', () => {
    const poisoned = 3
    let suspects = afterCrash([1, 2, 3, 4].map((n) => ({ n, crashesAlone: 0 }))).alone
    const blamed: number[] = []
    const innocent: number[] = []
    while (suspects.length > 0) {
      const [one, ...rest] = suspects
      if (one?.n !== poisoned) {
        if (one) innocent.push(one.n)
        suspects = rest
        continue
      }
      const after = afterCrash([one])
      blamed.push(...after.blamed)
      suspects = [...rest, ...after.alone]
    }
    expect(blamed).toEqual([poisoned])
    expect(innocent).toEqual([1, 2, 4])
  })
})
