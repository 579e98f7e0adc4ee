import { expect, test } from 'vitest'
import { estimateRun } from './estimate.ts'
import { sampleAgent, sampleSpec } from './sample-runs.ts'

const model = { engine_id: 'embedded', model: 'small' }

test('calls, tokens, time and cost are told by phase and add up', () => {
  const agents = [1, 2, 3].map((n) => sampleAgent(n, { price_in: 1_000_000, price_out: 2_000_000 }))
  const estimate = estimateRun(sampleSpec({ agents }), [{ model, tokensPerSecond: 50, parallel: 2 }])
  expect(estimate.phases.map(({ phase, round, calls }) => ({ phase, round, calls }))).toEqual([
    { phase: 'propose', round: 0, calls: 3 },
    { phase: 'critique', round: 1, calls: 3 },
    { phase: 'revise', round: 1, calls: 3 },
    { phase: 'check', round: 1, calls: 0 },
    { phase: 'score', round: 1, calls: 3 },
  ])
  const propose = estimate.phases[0]!
  expect(propose.tokens_out).toBe(3 * 500)
  // Two waves of 500 tokens at 50 a second.
  expect(propose.duration_ms).toBe(20_000)
  expect(propose.cost_micro_usd).toBe(propose.tokens_in + 2 * propose.tokens_out)
  expect(estimate.calls).toBe(12)
  expect(estimate.duration_ms).toBe(estimate.phases.reduce((sum, phase) => sum + (phase.duration_ms ?? 0), 0))
  expect(estimate.duration_worst_ms).toBeGreaterThan(estimate.duration_ms ?? Infinity)
  expect(estimate.cost_worst_micro_usd).toBeGreaterThan(estimate.cost_micro_usd)
})

test('phases take as long as their slowest model', () => {
  const agents = [sampleAgent(1), sampleAgent(2, { model: { engine_id: 'endpoint', model: 'large' } })]
  const rates = [
    { model, tokensPerSecond: 100, parallel: 1 },
    { model: { engine_id: 'endpoint', model: 'large' }, tokensPerSecond: 10, parallel: 8 },
  ]
  expect(estimateRun(sampleSpec({ agents }), rates).phases[0]?.duration_ms).toBe(50_000)
})

test('time is unknown while a rate is, and the basis says so', () => {
  const estimate = estimateRun(sampleSpec(), [{ model, tokensPerSecond: null, parallel: 4 }])
  expect(estimate.duration_ms).toBeNull()
  expect(estimate.duration_worst_ms).toBeNull()
  expect(estimate.basis).toContain('no rate of these models has been measured yet')
  expect(estimateRun(sampleSpec(), [{ model, tokensPerSecond: 9, parallel: 4 }]).basis).toContain('measured rates')
})

test('a counted task takes the place of the guess from its length', () => {
  const spec = sampleSpec({ count: 1 })
  const guessed = estimateRun(spec, [])
  const counted = estimateRun({ ...spec, task_tokens: 1000 }, [])
  expect(counted.tokens_in - guessed.tokens_in).toBe(1000 - Math.ceil(spec.task.length / 3))
})
