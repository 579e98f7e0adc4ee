import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type HostProcess, HostSupervisor } from './host-supervisor.ts'
import type { FromHost, ToHost } from './process-messages.ts'

/** A host process inside this one, that does what the test tells it to. */
class LocalHost implements HostProcess<string> {
  readonly received: { message: ToHost; port: string | undefined }[] = []
  #onMessage: (message: FromHost) => void = () => undefined
  readonly #exits: ((reason: string) => void)[] = []
  killed = false

  send(message: ToHost, port?: string): void {
    this.received.push({ message, port })
  }
  onMessage(listener: (message: FromHost) => void): void {
    this.#onMessage = listener
  }
  onExit(listener: (reason: string) => void): void {
    this.#exits.push(listener)
  }
  kill(): void {
    this.killed = true
    this.exit('killed')
  }
  tell(message: FromHost): void {
    this.#onMessage(message)
  }
  exit(reason: string): void {
    this.#exits.splice(0).forEach((listener) => listener(reason))
  }
}

function supervised() {
  const hosts: LocalHost[] = []
  const asked: string[] = []
  let gone = 0
  const supervisor = new HostSupervisor<string>({
    fork: () => {
      const host = new LocalHost()
      hosts.push(host)
      return host
    },
    log: pino({ level: 'silent' }),
    onRequest: ({ type }) => void asked.push(type),
    onGone: () => {
      gone++
    },
    firstDelayMs: 5,
    maxDelayMs: 20,
  })
  return { supervisor, hosts, asked, gone: () => gone, last: () => hosts.at(-1)! }
}

describe('the host process', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('gets the port of a page that came too early, once it is ready', async () => {
    const { supervisor, last } = supervised()
    const connected = supervisor.connectPage('port')
    expect(last().received).toEqual([])
    last().tell({ type: 'ready' })
    expect(await connected).toBe(null)
    expect(last().received).toEqual([{ message: { type: 'page' }, port: 'port' }])
  })

  it('is started again after a crash, and pages then get a fresh port', async () => {
    const { supervisor, hosts, last, gone } = supervised()
    last().tell({ type: 'ready' })
    last().exit('code 139')
    expect(supervisor.state).toMatchObject({ kind: 'down', reason: 'The host process ended (code 139).' })
    expect(await supervisor.connectPage('early')).toBe('The host process ended (code 139).')
    vi.advanceTimersByTime(5)
    expect(hosts).toHaveLength(2)
    last().tell({ type: 'ready' })
    expect(await supervisor.connectPage('fresh')).toBe(null)
    expect(last().received).toEqual([{ message: { type: 'page' }, port: 'fresh' }])
    expect(gone()).toBe(1)
  })

  it('that cannot start is ended, and pages hear why', async () => {
    const { supervisor, hosts, last } = supervised()
    const connected = supervisor.connectPage('port')
    last().tell({ type: 'failed', reason: 'Another Signalbox uses this folder.' })
    expect(hosts[0]?.killed).toBe(true)
    expect(await connected).toBe('Another Signalbox uses this folder.')
    vi.advanceTimersByTime(5)
    expect(hosts).toHaveLength(2)
  })

  it('that keeps crashing is started later each time, up to a bound', () => {
    const { supervisor, hosts, last } = supervised()
    const waits: number[] = []
    for (let crash = 1; crash <= 4; crash++) {
      last().exit('code 1')
      const { state } = supervisor
      const wait = state.kind === 'down' ? state.next_at - Date.now() : 0
      waits.push(wait)
      vi.advanceTimersByTime(wait - 1)
      expect(hosts).toHaveLength(crash)
      vi.advanceTimersByTime(1)
      expect(hosts).toHaveLength(crash + 1)
    }
    expect(waits).toEqual([5, 10, 20, 20])
  })

  it('has its requests about engines passed on', () => {
    const { last, asked } = supervised()
    last().tell({ type: 'fork-engine', id: 1 })
    expect(asked).toEqual(['fork-engine'])
  })

  it('is asked to stop, is not started again, and is killed when it takes too long', async () => {
    const { supervisor, hosts, last } = supervised()
    last().tell({ type: 'ready' })
    const stopped = supervisor.stop(10)
    vi.advanceTimersByTime(10)
    await stopped
    expect(last().received).toEqual([{ message: { type: 'stop' }, port: undefined }])
    expect(last().killed).toBe(true)
    vi.advanceTimersByTime(60_000)
    expect(hosts).toHaveLength(1)
  })
})
