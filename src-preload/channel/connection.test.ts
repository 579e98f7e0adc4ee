import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { call, type Handlers, stream } from '../contract/define.ts'
import { wireVersion } from '../contract/wire.ts'
import { type Channel, channelPair } from './channel.ts'
import { connect } from './client.ts'
import { Connection, type ConnectionOptions, type ConnectionState, type OpenChannel } from './connection.ts'
import { serve } from './server.ts'
import { Refused } from './session.ts'

const contract = {
  clock: {
    read: call(z.strictObject({}), z.object({ at: z.int() })),
    never: call(z.strictObject({}), z.object({})),
    watch: stream(z.strictObject({}), z.object({ at: z.int(), snapshot: z.boolean() })),
  },
}

let at = 0
const handlers: Handlers<typeof contract> = {
  clock: {
    read: () => Promise.resolve({ at }),
    never: () => new Promise(() => undefined),
    watch: async function* (_, signal) {
      yield { at, snapshot: true }
      while (!signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, 2))
        yield { at: ++at, snapshot: false }
      }
    },
  },
}

const quick: ConnectionOptions = { firstDelayMs: 5, maxDelayMs: 20 }
const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

/** A host that can be killed and that refuses to open while it is down. */
function host() {
  const ends: Channel[] = []
  let up = true
  const open: OpenChannel = () => {
    if (!up) return Promise.reject(new Error('The host is down.'))
    const [page, hostEnd] = channelPair()
    serve(contract, handlers, hostEnd, { report: () => undefined })
    ends.push(hostEnd)
    return Promise.resolve(page)
  }
  return {
    open,
    opened: () => ends.length,
    kill: () => {
      up = false
      ends.at(-1)?.close()
    },
    start: () => (up = true),
  }
}

function connection(open: OpenChannel, options: ConnectionOptions = quick) {
  const link = new Connection(open, options)
  closers.push(() => link.close())
  const states: ConnectionState[] = [link.state()]
  link.subscribe(() => states.push(link.state()))
  return { link, clock: connect(contract, link).clock, states, kinds: () => states.map(({ kind }) => kind) }
}

describe('a connection', () => {
  it('lets calls wait for its first session', async () => {
    const { clock, kinds } = connection(host().open)
    expect(await clock.read({})).toEqual({ at })
    expect(kinds()).toEqual(['connecting', 'live'])
  })

  it('lets go of a call that is aborted while it waits for the first session', async () => {
    const { clock } = connection(() => new Promise(() => undefined))
    const leaving = new AbortController()
    const reason = new Error('The page is left.')
    const waiting = expect(clock.read({}, leaving.signal)).rejects.toBe(reason)
    leaving.abort(reason)
    await waiting
  })

  it('rejects what is pending with unavailable when it is lost, and new calls until it is back', async () => {
    const machine = host()
    const { link, clock } = connection(machine.open)
    await clock.read({})
    const pending = expect(clock.never({})).rejects.toMatchObject({ code: 'unavailable' })
    machine.kill()
    await pending
    await expect.poll(() => link.state().kind).toBe('reconnecting')
    await expect(clock.read({})).rejects.toMatchObject({ code: 'unavailable' })
    machine.start()
    await expect.poll(() => clock.read({}).catch(() => undefined)).toBeDefined()
  })

  it('shows which attempt comes next, when, and why the last one failed', async () => {
    const machine = host()
    const { clock, states } = connection(machine.open)
    await clock.read({})
    const before = Date.now()
    machine.kill()
    const third = () => states.find((state) => state.kind === 'reconnecting' && state.attempt === 3)
    await expect.poll(third).toMatchObject({ reason: 'The host is down.', next_at: expect.any(Number) as number })
    const state = third()
    const next_at = state?.kind === 'reconnecting' ? state.next_at : 0
    expect(next_at).toBeGreaterThan(before)
    expect(next_at).toBeLessThanOrEqual(Date.now() + 20)
  })

  it('starts streams again after a loss: the reader sees another snapshot and no gap in kind', async () => {
    const machine = host()
    const { clock } = connection(machine.open)
    const stop = new AbortController()
    const snapshots: number[] = []
    let items = 0
    for await (const item of clock.watch({}, stop.signal)) {
      if (item.snapshot) snapshots.push(item.at)
      items++
      if (items === 5) {
        machine.kill()
        setTimeout(machine.start, 15)
      }
      if (snapshots.length === 2 && items > 10) stop.abort()
    }
    expect(snapshots).toHaveLength(2)
    expect(machine.opened()).toBe(2)
  })

  it('asks for a fresh snapshot when items of a stream went missing', async () => {
    const asked: number[] = []
    const open: OpenChannel = () => {
      const [page, hostEnd] = channelPair()
      const start = z.object({ type: z.literal('start'), id: z.int() })
      hostEnd.onMessage((message) => {
        const { data } = start.safeParse(message)
        if (!data) return hostEnd.send({ type: 'hello', version: wireVersion })
        asked.push(data.id)
        for (const sequence of asked.length === 1 ? [0, 2] : [0, 1]) {
          hostEnd.send({ type: 'item', id: data.id, sequence, value: { at: sequence, snapshot: sequence === 0 } })
        }
      })
      return Promise.resolve(page)
    }
    const { clock } = connection(open)
    const seen: number[] = []
    for await (const item of clock.watch({})) {
      seen.push(item.at)
      if (item.at === 1) break
    }
    expect(asked).toHaveLength(2)
    expect(seen).toEqual([0, 0, 1])
  })

  it('gives up for good when the host refuses, and says why', async () => {
    const { link, clock } = connection(() => Promise.reject(new Refused('This link is no longer valid.')))
    await expect(clock.read({})).rejects.toMatchObject({ code: 'unavailable', message: 'This link is no longer valid.' })
    await expect(clock.watch({})[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'unavailable' })
    expect(link.state()).toEqual({ kind: 'refused', reason: 'This link is no longer valid.' })
  })

  it('is refused by a host of another version', async () => {
    const open: OpenChannel = () => {
      const [page, hostEnd] = channelPair()
      hostEnd.onMessage(() => hostEnd.send({ type: 'refused', version: wireVersion + 1, reason: 'Reload the page.' }))
      return Promise.resolve(page)
    }
    const { link } = connection(open)
    await expect.poll(() => link.state()).toEqual({ kind: 'refused', reason: 'Reload the page.' })
  })

  it('hangs up on a host that falls silent', async () => {
    const open: OpenChannel = () => {
      const [page, hostEnd] = channelPair()
      let greeted = false
      hostEnd.onMessage(() => {
        if (!greeted) hostEnd.send({ type: 'hello', version: wireVersion })
        greeted = true
      })
      return Promise.resolve(page)
    }
    const { states } = connection(open, { ...quick, heartbeatMs: 10 })
    await expect.poll(() => states).toContainEqual(expect.objectContaining({ reason: 'The host stopped answering.' }))
  })

  it('does not wait longer for a host that never opens or never greets than its limits', async () => {
    const silent: OpenChannel = () => Promise.resolve(channelPair()[0])
    const { states } = connection(silent, { ...quick, handshakeTimeoutMs: 10 })
    await expect.poll(() => states).toContainEqual(expect.objectContaining({ reason: 'The host did not answer the greeting.' }))
  })

  it('can be asked to try at once', async () => {
    const machine = host()
    machine.kill()
    const { link } = connection(machine.open, { firstDelayMs: 60_000, maxDelayMs: 60_000 })
    await expect.poll(() => link.state().kind).toBe('reconnecting')
    machine.start()
    link.retryNow()
    await expect.poll(() => link.state().kind).toBe('live')
  })

  it('ends what is in flight when it is closed', async () => {
    const { link, clock } = connection(host().open)
    await clock.read({})
    const pending = expect(clock.never({})).rejects.toMatchObject({ code: 'unavailable' })
    link.close()
    await pending
    await expect(clock.read({})).rejects.toMatchObject({ code: 'unavailable' })
  })
})
