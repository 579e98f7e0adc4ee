import { afterAll, beforeAll } from 'vitest'
import { startBreakableProxy } from '../../../e2e/servers/breakable-proxy.ts'
import type { BreakableProxy } from '../../../e2e/servers/breakable-proxy.ts'
import { startNatsServer } from '../../../e2e/servers/nats.ts'
import type { NatsServer } from '../../../e2e/servers/nats.ts'
import { answersConformance } from '../../ports/conformance/answers.ts'
import { blobsConformance } from '../../ports/conformance/blobs.ts'
import { CAPACITY } from '../../ports/conformance/deliveries.ts'
import { eventLogConformance } from '../../ports/conformance/event-log.ts'
import { smallStateConformance } from '../../ports/conformance/small-state.ts'
import { workQueueConformance } from '../../ports/conformance/work-queue.ts'
import { damageLastChunk, openContextUnderTest, underEventRoot, withEvery } from './context-under-test.ts'

// The same specs as over a sound connection, with the connection reset before every single call.

let server: NatsServer
let proxy: BreakableProxy
beforeAll(async () => {
  server = await startNatsServer()
  proxy = await startBreakableProxy(server.webSocketPort)
}, 300_000)
afterAll(async () => {
  await proxy.stop()
  await server.stop()
})

// A release that is cut off is not repeated, so the message comes again when the server's own patience is over: shortened here.
const options = { workMessages: CAPACITY, answerMessages: CAPACITY, reconnectWaitMs: 1, ackWaitMs: 1_000 }
const open = () => openContextUnderTest(`ws://127.0.0.1:${proxy.port}`, options)
const cut = () => proxy.cut()

eventLogConformance('NATS with cuts', true, async () => {
  const opened = await open()
  return {
    ...opened,
    log: withEvery(underEventRoot(opened.context().log), cut),
    reopen: async () => withEvery(underEventRoot((await opened.reopen()).log), cut),
  }
})
workQueueConformance('NATS with cuts', true, async () => {
  const opened = await open()
  return {
    ...opened,
    queue: withEvery(opened.context().work, cut),
    reopen: async () => withEvery((await opened.reopen()).work, cut),
  }
})
answersConformance('NATS with cuts', true, async () => {
  const opened = await open()
  return {
    ...opened,
    queue: withEvery(opened.context().answers, cut),
    reopen: async () => withEvery((await opened.reopen()).answers, cut),
  }
})
smallStateConformance('NATS with cuts', true, async () => {
  const opened = await open()
  return {
    ...opened,
    state: withEvery(opened.context().state, cut),
    reopen: async () => withEvery((await opened.reopen()).state, cut),
  }
})
blobsConformance('NATS with cuts', true, async () => {
  const opened = await open()
  return {
    ...opened,
    blobs: withEvery(opened.context().blobs, cut),
    damage: () => damageLastChunk(server.url, opened.prefix),
    reopen: async () => withEvery((await opened.reopen()).blobs, cut),
  }
})
