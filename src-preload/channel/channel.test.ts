import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import * as z from 'zod'
import { call, type Handlers, stream } from '../contract/define.ts'
import { ConsoleError } from '../contract/errors.ts'
import { wireVersion } from '../contract/wire.ts'
import { type Channel, channelPair } from './channel.ts'
import { connect } from './client.ts'
import { nodePortChannel } from './message-port.ts'
import { type Report, serve } from './server.ts'
import { openSession } from './session.ts'
import { type AnyWebSocket, webSocketChannel } from './web-socket.ts'

const counter = {
  add: call(z.strictObject({ a: z.int(), b: z.int().max(100) }), z.object({ sum: z.int() })),
  fail: call(z.strictObject({ how: z.enum(['expected', 'bug', 'wrong-shape', 'own-abort']) }), z.object({ ok: z.boolean() })),
  wait: call(z.strictObject({}), z.object({})),
  count: stream(z.strictObject({ to: z.int() }), z.object({ n: z.int() })),
}
const contract = { counter }

/** Signals that handlers were given, by method, how often a stream ended, and how far those got that were read to their end. */
const seen = { signals: new Map<string, AbortSignal>(), ended: 0, sentAll: new Set<number>() }

const handlers: Handlers<typeof contract> = {
  counter: {
    add: ({ a, b }) => Promise.resolve({ sum: a + b }),
    fail: ({ how }) => {
      if (how === 'expected') throw new ConsoleError('overloaded', 'Come back later.', { retry_after_ms: 50 })
      if (how === 'bug') throw new Error('a secret detail')
      if (how === 'own-abort') throw new DOMException('the pool was drained', 'AbortError')
      return Promise.resolve(JSON.parse('{"ok":"yes"}') as { ok: boolean })
    },
    wait: (_, signal) => {
      seen.signals.set('wait', signal)
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError'))),
      )
    },
    count: async function* ({ to }, signal) {
      seen.signals.set('count', signal)
      try {
        for (let n = 0; n < to && !signal.aborted; n++) {
          yield { n }
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        if (!signal.aborted) seen.sentAll.add(to)
      } finally {
        seen.ended++
      }
    },
  },
}

const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

const transports: Record<string, () => Promise<[Channel, Channel]>> = {
  'in memory': () => Promise.resolve(channelPair()),
  'a message port': () => {
    const { port1, port2 } = new MessageChannel()
    return Promise.resolve([nodePortChannel(port1), nodePortChannel(port2)])
  },
  'a web socket': async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    closers.push(() => server.close())
    await once(server, 'listening')
    const address = z.object({ port: z.int() }).parse(server.address())
    const page: AnyWebSocket & WebSocket = new WebSocket(`ws://127.0.0.1:${address.port}`)
    const [host] = z
      .tuple([z.instanceof(WebSocket)])
      .rest(z.unknown())
      .parse(await once(server, 'connection'))
    if (page.readyState !== WebSocket.OPEN) await once(page, 'open')
    return [webSocketChannel(page), webSocketChannel(host)]
  },
}

async function conversation(
  open: () => Promise<[Channel, Channel]>,
  options: { maxInFlight?: number; maxWaiting?: number } = {},
) {
  const [pageEnd, hostEnd] = await open()
  closers.push(() => pageEnd.close())
  const reports: Report[] = []
  serve(contract, handlers, hostEnd, { ...options, report: (report) => reports.push(report) })
  const session = await openSession(pageEnd, options)
  return { host: connect(contract, session).counter, session, pageEnd, hostEnd, reports }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe.each(Object.entries(transports))('over %s', (_name, open) => {
  it('a call is answered', async () => {
    const { host } = await conversation(open)
    expect(await host.add({ a: 1, b: 2 })).toEqual({ sum: 3 })
  })

  it('a stream brings every item in order and ends', async () => {
    const { host } = await conversation(open)
    expect(await collect(host.count({ to: 3 }))).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }])
  })

  it('input that breaks the contract is refused with the name of the field', async () => {
    const { host } = await conversation(open)
    await expect(host.add({ a: 1, b: 200 })).rejects.toMatchObject({ code: 'invalid-input', details: { field: 'b' } })
  })

  it('an expected failure arrives with its code, message and details', async () => {
    const { host, reports } = await conversation(open)
    const failure = { name: 'ConsoleError', code: 'overloaded', message: 'Come back later.', details: { retry_after_ms: 50 } }
    await expect(host.fail({ how: 'expected' })).rejects.toMatchObject(failure)
    expect(reports).toEqual([])
  })

  it.each(['bug', 'wrong-shape'] as const)(
    'an unexpected failure (%s) arrives as internal, and only the log hears why',
    async (how) => {
      const { host, reports } = await conversation(open)
      await expect(host.fail({ how })).rejects.toMatchObject({
        code: 'internal',
        message: 'The host failed; its log has the details.',
      })
      expect(reports).toMatchObject([{ kind: 'failed', method: 'counter.fail' }])
    },
  )

  it('work that the host itself stopped is unavailable, not a fault', async () => {
    const { host, reports } = await conversation(open)
    await expect(host.fail({ how: 'own-abort' })).rejects.toMatchObject({ code: 'unavailable' })
    expect(reports).toEqual([])
  })

  it('an aborted call rejects with the reason, and its handler is told', async () => {
    const { host, reports } = await conversation(open)
    const controller = new AbortController()
    const pending = host.wait({}, controller.signal)
    const reason = new Error('changed my mind')
    setTimeout(() => controller.abort(reason), 10)
    await expect(pending).rejects.toBe(reason)
    await expect.poll(() => seen.signals.get('wait')?.aborted).toBe(true)
    await expect(host.wait({}, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(reports).toEqual([])
  })

  it('an aborted stream ends, and its handler stops', async () => {
    const { host } = await conversation(open)
    const controller = new AbortController()
    const endedBefore = seen.ended
    for await (const { n } of host.count({ to: 1_000_000 }, controller.signal)) if (n === 3) controller.abort()
    await expect.poll(() => seen.ended).toBe(endedBefore + 1)
  })

  it('a reader that leaves a stream stops its handler', async () => {
    const { host } = await conversation(open)
    const endedBefore = seen.ended
    for await (const { n } of host.count({ to: 1_000_000 })) if (n === 3) break
    await expect.poll(() => seen.ended).toBe(endedBefore + 1)
  })

  it('a lost connection rejects what is pending with unavailable and stops the handlers', async () => {
    const { host, hostEnd } = await conversation(open)
    const pendingCall = expect(host.wait({})).rejects.toMatchObject({ code: 'unavailable' })
    const pendingStream = expect(collect(host.count({ to: 1_000_000 }))).rejects.toMatchObject({ code: 'unavailable' })
    setTimeout(() => hostEnd.close(), 20)
    await pendingCall
    await pendingStream
    for (const method of ['wait', 'count']) await expect.poll(() => seen.signals.get(method)?.aborted).toBe(true)
  })

  it('calls and streams after the end settle with unavailable', async () => {
    const { host, session } = await conversation(open)
    session.close()
    await expect(host.add({ a: 1, b: 2 })).rejects.toMatchObject({ code: 'unavailable' })
    await expect(collect(host.count({ to: 1 }))).rejects.toMatchObject({ code: 'unavailable' })
  })

  it.each(['__proto__.toString', 'counter.constructor', 'counter.__proto__', 'counter.add.call', 'counter', 'nothing.here', ''])(
    'the method name "%s" finds nothing and is reported',
    async (method) => {
      const { session, reports } = await conversation(open)
      await expect(session.call(method, {})).rejects.toMatchObject({ code: 'not-found' })
      expect(reports).toEqual([{ kind: 'unknown-method', method }])
    },
  )

  it.each([
    ['is not of the protocol', { type: 'launch' }],
    ['greets twice', { type: 'hello', version: wireVersion }],
    ['has an id that is in use', { type: 'start', id: 0, method: 'counter.wait', input: {} }],
  ])('a peer whose message %s is hung up on and reported', async (_what, message) => {
    const { host, session, pageEnd, reports } = await conversation(open)
    host.wait({}).catch(() => undefined)
    pageEnd.send(message)
    await session.ended
    expect(reports).toMatchObject([{ kind: 'malformed' }])
  })

  it('a peer that asks before it greets is hung up on', async () => {
    const [pageEnd, hostEnd] = await open()
    const reports: Report[] = []
    const closed = new Promise<void>((resolve) => pageEnd.onClose(resolve))
    serve(contract, handlers, hostEnd, { report: (report) => reports.push(report) })
    pageEnd.onMessage(() => undefined)
    pageEnd.send({ type: 'start', id: 0, method: 'counter.add', input: { a: 1, b: 2 } })
    await closed
    expect(reports).toMatchObject([{ kind: 'malformed' }])
  })

  it('a page that speaks another version is refused with what to do', async () => {
    const [pageEnd, hostEnd] = await open()
    closers.push(() => pageEnd.close())
    const reports: Report[] = []
    serve(contract, handlers, hostEnd, { report: (report) => reports.push(report) })
    const answer = new Promise((resolve) => pageEnd.onMessage(resolve))
    pageEnd.send({ type: 'hello', version: wireVersion + 1 })
    const reason = `This page speaks version ${wireVersion + 1} of the console's protocol, the host version ${wireVersion}: reload the page.`
    expect(await answer).toEqual({ type: 'refused', version: wireVersion, reason })
    expect(reports).toEqual([{ kind: 'wrong-version', version: wireVersion + 1 }])
  })

  it('one request more than the bound is answered overloaded, and room comes back', async () => {
    const { host, reports } = await conversation(open, { maxInFlight: 1 })
    const controller = new AbortController()
    const first = host.wait({}, controller.signal).catch(() => undefined)
    await expect(host.add({ a: 1, b: 2 })).rejects.toMatchObject({ code: 'overloaded', details: { retry_after_ms: 1000 } })
    expect(reports).toEqual([{ kind: 'overloaded', method: 'counter.add' }])
    controller.abort()
    await first
    await expect.poll(() => host.add({ a: 1, b: 2 }).catch(() => undefined)).toEqual({ sum: 3 })
  })

  it('a reader that falls too far behind is interrupted, not drowned', async () => {
    const { host } = await conversation(open, { maxWaiting: 5 })
    seen.sentAll.clear()
    const items = host.count({ to: 20 })[Symbol.asyncIterator]()
    await items.next()
    await expect.poll(() => seen.sentAll).toContain(20)
    // Replies keep their order: when this one is here, so are all items.
    await host.add({ a: 1, b: 2 })
    await expect(collect({ [Symbol.asyncIterator]: () => items })).rejects.toMatchObject({ name: 'ConsoleError', lost: 'items' })
  })
})
