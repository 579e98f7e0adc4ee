import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { RequestOutcome } from '../../ports/batch-requests.ts'
import { createMemoryBatchRequests } from '../memory/batch-requests.ts'
import { timeRequests } from './request-times.ts'

const outcome = (n: number, state: RequestOutcome['state'], ms: number): RequestOutcome => ({
  n,
  state,
  statusCode: 200,
  requestId: null,
  body: null,
  error: null,
  attempts: 1,
  tokensIn: 0,
  tokensOut: 0,
  costMicroUsd: 0,
  startedAt: 1000,
  endedAt: 1000 + ms,
})

it('The time of each request is counted under every name, and none of those that were never sent', async () => {
  const registry = new Registry()
  const requests = timeRequests(registry)(createMemoryBatchRequests())
  await requests.begin('b1')
  await requests.record('b1', [outcome(0, 'completed', 4000), outcome(1, 'failed', 2000), outcome(2, 'expired', 0)])
  const sums = (await registry.metrics()).split('\n').filter((line) => /_(sum|count) /.test(line))
  expect(sums).toEqual(
    [
      'signalbox_batch_request_seconds',
      'ray_data_inference_duration_seconds',
      'llm_inference_duration_seconds',
      'batch_request_e2e_latency_seconds',
    ].flatMap((name) => [`${name}_sum 6`, `${name}_count 2`]),
  )
})
