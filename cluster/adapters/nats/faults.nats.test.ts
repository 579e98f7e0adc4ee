import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startBreakableProxy } from '../../../e2e/servers/breakable-proxy.ts'
import type { BreakableProxy } from '../../../e2e/servers/breakable-proxy.ts'
import { startNatsServer } from '../../../e2e/servers/nats.ts'
import type { NatsServer } from '../../../e2e/servers/nats.ts'
import { sampleAnswer, sampleEvent, sampleWork } from '../../ports/conformance/samples.ts'
import { UnavailableError } from '../../ports/errors.ts'
import { openContextUnderTest } from './context-under-test.ts'
import type { ContextUnderTest } from './context-under-test.ts'
import { openNatsContext } from './context.ts'
import type { NatsContext } from './context.ts'

const PATIENCE_MS = 1_500
/** Whoever waits less than this has not waited by it; a loaded machine may take some seconds over a moment. */
const OTHERS_PATIENCE_MS = 8_000
const subject = (run: string) => `signalbox.event.deliberation.${run}`

let server: NatsServer
let proxy: BreakableProxy
let opened: ContextUnderTest
let context: NatsContext
let stop: AbortController

beforeAll(async () => {
  server = await startNatsServer()
  proxy = await startBreakableProxy(server.webSocketPort)
}, 300_000)
afterAll(async () => {
  await proxy.stop()
  await server.stop()
})
beforeEach(async () => {
  proxy.mend()
  opened = await openContextUnderTest(`ws://127.0.0.1:${proxy.port}`, { patienceMs: OTHERS_PATIENCE_MS, ackWaitMs: 1_000 })
  context = opened.context()
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  proxy.mend()
  await opened.close()
})

/** Another process of the same context. */
const openAnother = (patienceMs = OTHERS_PATIENCE_MS) =>
  openNatsContext({
    servers: [`ws://127.0.0.1:${proxy.port}`],
    prefix: opened.prefix,
    patienceMs,
    ackWaitMs: 1_000,
    onProblem: () => undefined,
  })

describe('when the server is killed and comes back', () => {
  const killServer = async (downMs: number) => {
    await server.halt('SIGKILL')
    await sleep(downMs)
    await server.start()
  }

  it('stores each event once and in order, and followers see each once', async () => {
    const runs = ['a', 'b', 'c', 'd']
    const count = 60
    const followed = (async () => {
      const seen: number[] = []
      for await (const entry of context.log.follow(0, stop.signal)) if (seen.push(entry.sequence) === runs.length * count) break
      return seen
    })()
    const written = runs.map(async (run) => {
      let last = 0
      for (let number = 1; number <= count; number++) {
        const result = await context.log.append(subject(run), last, [sampleEvent(`${run}${number}`)])
        if (result.kind === 'conflict') return expect.unreachable(`${run} is at ${result.actual}`)
        last = result.sequence
        if (number % 10 === 0) await sleep(20)
      }
    })
    await sleep(50)
    await killServer(300)
    await Promise.all(written)
    for (const run of runs) {
      const ids = (await context.log.readSubject(subject(run))).flatMap((entry) => entry.events.map((event) => event.id))
      expect(ids).toEqual(Array.from({ length: count }, (_, index) => `${run}${index + 1}`))
    }
    expect(await followed).toEqual((await context.log.readAfter(0, 1_000)).map((entry) => entry.sequence))
  })

  it('hands work that is published afterwards to a worker that waited all the time', async () => {
    const waiting = context.work.pull(60_000, stop.signal)
    await killServer(300)
    await context.work.publish('run.a', sampleWork('run', 'a'))
    expect((await waiting)?.id).toBe('run.a')
  })

  it('goes on watching small state', async () => {
    const changes = context.state.watch('', stop.signal)[Symbol.asyncIterator]()
    await context.state.put('a', 1, 'any')
    await changes.next()
    const next = changes.next()
    await killServer(100)
    await context.state.put('b', 2, 0)
    expect((await next).value).toMatchObject({ kind: 'put', entry: { key: 'b', value: 2 } })
  })

  it('finishes a blob whose upload was interrupted', async () => {
    const pieces = async function* () {
      for (let piece = 0; piece < 10; piece++) {
        if (piece === 4) await killServer(100)
        yield new Uint8Array(200_000).fill(piece)
      }
    }
    const { sha256, size } = await context.blobs.put(pieces())
    expect(size).toBe(2_000_000)
    let read = 0
    for await (const piece of (await context.blobs.get(sha256)) ?? []) read += piece.length
    expect(read).toBe(size)
  })
})

describe('when the connection breaks', () => {
  it('acknowledges afterwards what was acknowledged meanwhile', async () => {
    await context.work.publish('run.a', sampleWork('run', 'a'))
    const held = await context.work.pull(60_000, stop.signal)
    proxy.break()
    const acknowledged = held?.ack()
    await sleep(300)
    proxy.mend()
    await acknowledged
    expect(await context.work.pull(60_000, AbortSignal.timeout(1_500))).toBeUndefined()
  })

  it('says since when it is connected or not', async () => {
    const before = Date.now()
    expect(context.status()).toMatchObject({ kind: 'connected' })
    proxy.break()
    await expect.poll(() => context.status()).toMatchObject({ kind: 'reconnecting' })
    expect(context.status().since).toBeGreaterThanOrEqual(before)
    proxy.mend()
    await expect.poll(() => context.status().kind).toBe('connected')
  })

  it('gives up a message that it cannot extend before the server hands it to another', async () => {
    await context.work.publish('run.a', sampleWork('run', 'a'))
    const held = await context.work.pull(60_000, stop.signal)
    proxy.break()
    await sleep(1_200)
    expect(await held?.extend()).toBe('lost')
    proxy.mend()
    expect(await context.work.pull(60_000, stop.signal)).toMatchObject({ id: 'run.a', deliveries: 2 })
  })

  it.each<[what: string, act: (context: NatsContext) => Promise<unknown>]>([
    ['an append', ({ log }) => log.append(subject('a'), 0, [sampleEvent('1')])],
    ['reading the log', ({ log }) => log.readAfter(0, 1)],
    ['publishing work', ({ work }) => work.publish('run.a', sampleWork('run', 'a'))],
    ['publishing an answer', ({ answers }) => answers.publish('run.a', sampleAnswer('run', 'a'))],
    ['reading a setting', ({ state }) => state.get('a')],
    ['writing a setting', ({ state }) => state.put('a', 1, 'any')],
    ['storing a blob', ({ blobs }) => blobs.put(new Uint8Array(10))],
    ['opening another context', () => openAnother(PATIENCE_MS)],
  ])('rejects %s as unavailable when its patience is over', async (_, act) => {
    const impatient = await openAnother(PATIENCE_MS)
    proxy.break()
    const startedAt = performance.now()
    await expect(act(impatient)).rejects.toBeInstanceOf(UnavailableError)
    expect(performance.now() - startedAt).toBeLessThan(OTHERS_PATIENCE_MS)
    await impatient.close()
  })
})

describe('when a process ends', () => {
  it('hands its work to another when the server has waited long enough', async () => {
    const dying = await openAnother()
    await context.work.publish('run.a', sampleWork('run', 'a'))
    await dying.work.pull(60_000, stop.signal)
    await dying.close()
    const startedAt = performance.now()
    expect(await context.work.pull(60_000, stop.signal)).toMatchObject({ id: 'run.a', deliveries: 2 })
    expect(performance.now() - startedAt).toBeLessThan(OTHERS_PATIENCE_MS)
  })

  it.each<[what: string, act: (context: NatsContext) => Promise<unknown>]>([
    ['an append', ({ log }) => log.append(subject('a'), 0, [sampleEvent('1')])],
    ['a pull', ({ work }) => work.pull(60_000, new AbortController().signal)],
    ['following', ({ log }) => log.follow(0, new AbortController().signal)[Symbol.asyncIterator]().next()],
  ])('rejects %s on a closed context', async (_, act) => {
    const closing = await openAnother()
    await closing.close()
    await expect(act(closing)).rejects.toBeInstanceOf(UnavailableError)
  })

  it('rejects what waits when its context closes', async () => {
    const closing = await openAnother()
    const waiting = Promise.allSettled([
      closing.work.pull(60_000, stop.signal),
      closing.answers.take(60_000, stop.signal),
      closing.log.follow(0, stop.signal)[Symbol.asyncIterator]().next(),
      closing.state.watch('', stop.signal)[Symbol.asyncIterator]().next(),
    ])
    await sleep(100)
    await closing.close()
    expect((await waiting).map((one) => one.status === 'rejected' && one.reason instanceof UnavailableError)).toEqual([
      true,
      true,
      true,
      true,
    ])
  })
})
