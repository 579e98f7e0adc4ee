import { expect, test } from 'vitest'
import { decideSubmit, type Measured } from './index.ts'
import { sampleMeasure, sampleSpec } from './sample-runs.ts'
import { limitPassed } from './spending.ts'
import { applyEvents } from './state.ts'

const measured = (more: Partial<Measured>): Measured => ({
  ...sampleMeasure({ at: 'check', round: 0, task: '', finals: [], firsts: [] }, 0.5),
  ...more,
})
const after = (data: Measured) =>
  applyEvents(undefined, [...decideSubmit(sampleSpec()), { type: 'deliberation.measured', data }], 0)

test.each([
  ['an endpoint’s reading counts as tokens in, with its cost', true, { tokensIn: 100, tokensOut: 0, costMicroUsd: 7 }],
  ['the built-in model’s reading counts as nothing', false, { tokensIn: 0, tokensOut: 0, costMicroUsd: 0 }],
])('%s', (_, counted, spent) => {
  expect(after(measured({ counted, cost_micro_usd: counted ? 7 : 0 })).spent).toEqual(spent)
})

test.each([
  [{ tokens: 99 }, 'token_limit'],
  [{ tokens: 100 }, null],
  [{ cost_micro_usd: 6 }, 'cost_limit'],
])('a counted reading is held against the limits %j', (limits, reason) => {
  const state = after(measured({ counted: true, cost_micro_usd: 7 }))
  expect(limitPassed({ ...state, spec: { ...state.spec, limits: { ...state.spec.limits, ...limits } } })).toBe(reason)
})
