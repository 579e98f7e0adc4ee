import { Histogram, type Registry } from 'prom-client'
import type { BatchRequests } from '../../ports/batch-requests.ts'

const NAMES = [
  'signalbox_batch_request_seconds',
  'ray_data_inference_duration_seconds',
  'llm_inference_duration_seconds',
  'batch_request_e2e_latency_seconds',
]
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

/** Returns the store with each request timed that was answered or failed: from its first try to its last. Counted once it is stored. */
export function timeRequests(registry: Registry): (requests: BatchRequests) => BatchRequests {
  const help = 'Seconds of a request of a batch, with all its tries.'
  const all = NAMES.map((name) => new Histogram({ name, help, buckets: SECONDS, registers: [registry] }))
  return (requests) => ({
    ...requests,
    async record(batchId, outcomes) {
      const counts = await requests.record(batchId, outcomes)
      for (const { state, startedAt, endedAt } of outcomes)
        if (state === 'completed' || state === 'failed')
          for (const histogram of all) histogram.observe(Math.max(0, endedAt - startedAt) / 1000)
      return counts
    },
  })
}
