import { answersConformance } from '../../ports/conformance/answers.ts'
import { batchRequestsConformance } from '../../ports/conformance/batch-requests.ts'
import { blobsConformance } from '../../ports/conformance/blobs.ts'
import { CAPACITY } from '../../ports/conformance/deliveries.ts'
import { eventLogConformance } from '../../ports/conformance/event-log.ts'
import { smallStateConformance } from '../../ports/conformance/small-state.ts'
import { workQueueConformance } from '../../ports/conformance/work-queue.ts'
import { createMemoryBatchRequests } from './batch-requests.ts'
import { createMemoryBlobs } from './blobs.ts'
import { heldClock } from './clock.ts'
import { createMemoryEventLog } from './event-log.ts'
import { createMemoryAnswers, createMemoryWorkQueue } from './queues.ts'
import { createMemorySmallState } from './small-state.ts'

const close = () => Promise.resolve()
const bounds = { items: CAPACITY }

eventLogConformance('memory', false, () => Promise.resolve({ log: createMemoryEventLog(), close }))
workQueueConformance('memory', false, () => {
  const { clock, pass } = heldClock()
  return Promise.resolve({ queue: createMemoryWorkQueue({ bounds, clock }), pass, close })
})
answersConformance('memory', false, () => {
  const { clock, pass } = heldClock()
  return Promise.resolve({ queue: createMemoryAnswers({ bounds, clock }), pass, close })
})
smallStateConformance('memory', false, () => Promise.resolve({ state: createMemorySmallState(), close }))
batchRequestsConformance('memory', false, () => Promise.resolve({ requests: createMemoryBatchRequests(), close }))
blobsConformance('memory', false, () => {
  const stored = new Map<string, Uint8Array>()
  const damage = (sha256: string) => {
    const whole = stored.get(sha256) ?? new Uint8Array()
    whole[whole.length - 1] = (whole[whole.length - 1] ?? 0) ^ 1
    return Promise.resolve()
  }
  return Promise.resolve({ blobs: createMemoryBlobs(stored), damage, close })
})
