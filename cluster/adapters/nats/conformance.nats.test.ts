import { afterAll, beforeAll } from 'vitest'
import { startNatsServer } from '../../../e2e/servers/nats.ts'
import type { NatsServer } from '../../../e2e/servers/nats.ts'
import { answersConformance } from '../../ports/conformance/answers.ts'
import { blobsConformance } from '../../ports/conformance/blobs.ts'
import { CAPACITY } from '../../ports/conformance/deliveries.ts'
import { eventLogConformance } from '../../ports/conformance/event-log.ts'
import { smallStateConformance } from '../../ports/conformance/small-state.ts'
import { workQueueConformance } from '../../ports/conformance/work-queue.ts'
import { damageLastChunk, openContextUnderTest, underEventRoot } from './context-under-test.ts'

let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
}, 300_000)
afterAll(() => server.stop())

/** Closed, the server killed without warning, and opened again: whatever was promised has to be on disk. */
const killServer = async () => {
  await server.halt('SIGKILL')
  await server.start()
}
const open = () => openContextUnderTest(server.url, { workMessages: CAPACITY, answerMessages: CAPACITY })

eventLogConformance('NATS', true, async () => {
  const opened = await open()
  return {
    ...opened,
    log: underEventRoot(opened.context().log),
    reopen: async () => underEventRoot((await opened.reopen(killServer)).log),
  }
})
workQueueConformance('NATS', true, async () => {
  const opened = await open()
  return { ...opened, queue: opened.context().work, reopen: async () => (await opened.reopen(killServer)).work }
})
answersConformance('NATS', true, async () => {
  const opened = await open()
  return { ...opened, queue: opened.context().answers, reopen: async () => (await opened.reopen(killServer)).answers }
})
smallStateConformance('NATS', true, async () => {
  const opened = await open()
  return { ...opened, state: opened.context().state, reopen: async () => (await opened.reopen(killServer)).state }
})
blobsConformance('NATS', true, async () => {
  const opened = await open()
  return {
    ...opened,
    blobs: opened.context().blobs,
    damage: () => damageLastChunk(server.url, opened.prefix),
    reopen: async () => (await opened.reopen(killServer)).blobs,
  }
})
