import { describe, expect, it } from 'vitest'
import { axisTicks, chartPoints } from './chart-points.ts'

describe('the series of tokens', () => {
  it('keeps gaps as gaps and marks a measurement that stands alone', () => {
    const points = chartPoints({ from: 1000, step_ms: 10, values: [null, 4, null, 5, 6] })
    expect(points).toEqual([
      { at: 1010, value: null, lonely: false },
      { at: 1020, value: 4, lonely: true },
      { at: 1030, value: null, lonely: false },
      { at: 1040, value: 5, lonely: false },
      { at: 1050, value: 6, lonely: false },
    ])
  })

  it.each([
    ['10 minutes', 600_000, 120_000],
    ['2 hours', 7_200_000, 1_800_000],
    ['24 hours', 86_400_000, 14_400_000],
  ])('the axis over %s has ticks on round times', (_, length, step) => {
    const from = new Date(2026, 6, 16, 12, 3, 20).getTime()
    const ticks = axisTicks(from, from + length)
    expect(ticks.length).toBeGreaterThanOrEqual(3)
    expect(ticks.length).toBeLessThanOrEqual(7)
    expect(ticks.every((tick) => new Date(tick).getSeconds() === 0 && tick >= from && tick <= from + length)).toBe(true)
    expect((ticks[1] ?? 0) - (ticks[0] ?? 0)).toBe(step)
  })
})
