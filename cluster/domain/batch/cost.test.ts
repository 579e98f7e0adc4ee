import { expect, test } from 'vitest'
import { costPerRequest, GPU_HOUR_MICRO_USD, hoursFor, requestsPerDay, timeCostMicroUsd, tokenCostMicroUsd } from './cost.ts'

const HOUR = 3_600_000

test('check 8: 7 h on one GPU are 14,000,000 micro-dollars, 140 for each of 100,000 requests', () => {
  const cost = timeCostMicroUsd(7 * HOUR, 1, GPU_HOUR_MICRO_USD)
  expect(cost).toBe(14_000_000)
  expect(costPerRequest(cost, 100_000)).toBe(140)
  expect(costPerRequest(cost, 0)).toBeUndefined()
})

test('check 8: 10 requests a second do 36,000 in an hour and 864,000 in a day', () => {
  expect(hoursFor(36_000, 10)).toBe(1)
  expect(requestsPerDay(10)).toBe(864_000)
})

test('a spot slot for half an hour is 50,000 micro-dollars, and a part of one is rounded up', () => {
  expect(timeCostMicroUsd(HOUR / 2, 1, 100_000)).toBe(50_000)
  expect(timeCostMicroUsd(1, 1, 100_000)).toBe(1)
})

test('tokens cost by the million, rounded up', () => {
  expect(tokenCostMicroUsd({ tokensIn: 1_000_000, tokensOut: 500_000 }, { price_in: 150_000, price_out: 600_000 })).toBe(450_000)
  expect(tokenCostMicroUsd({ tokensIn: 1, tokensOut: 0 }, { price_in: 1, price_out: 0 })).toBe(1)
})
