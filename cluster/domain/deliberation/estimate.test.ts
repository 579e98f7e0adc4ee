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

const sizes = (['propose', 'critique', 'revise', 'score'] as const).map((phase) => ({ phase, calls: 50, mean: 40, p90: 60 }))

test('answers are taken to be as long as those of the model were, at worst as nine of ten, in cost always the limit', () => {
  const agents = [1, 2, 3].map((n) => sampleAgent(n, { price_in: 0, price_out: 1_000_000 }))
  const spec = sampleSpec({ agents, rounds: 0, peer_scoring: false, peer_review: false })
  const estimate = estimateRun({ ...spec, answers: [{ model, sizes }] }, [{ model, tokensPerSecond: 20, parallel: 3 }])
  expect(estimate).toMatchObject({
    tokens_out: 3 * 40,
    duration_ms: 2000,
    duration_worst_ms: 3000,
    cost_micro_usd: 120,
    cost_worst_micro_usd: 3000,
  })
  expect(estimate.basis).toBe(
    'Answers by the mean of 50 calls of this model (worst case: time as nine of ten, cost at the limit), prompts by length, no retries; time by the measured rates of the models.',
  )
})

test('answers are no longer than their limit, and too few of them say nothing', () => {
  const long = sizes.map((size) => ({ ...size, mean: 1e6, p90: 1e6 }))
  expect(estimateRun({ ...sampleSpec(), answers: [{ model, sizes: long }] }, []).phases[0]?.tokens_out).toBe(3 * 1000)
  const few = sizes.map((size) => ({ ...size, calls: size.phase === 'propose' ? 29 : 50 }))
  const estimate = estimateRun({ ...sampleSpec(), answers: [{ model, sizes: few }] }, [])
  expect(estimate.phases.map(({ tokens_out }) => tokens_out).slice(0, 2)).toEqual([3 * 500, 3 * 40])
  expect(estimate.basis).toContain('Answers by the mean of 150 calls of this model, else at half their token limit')
})
