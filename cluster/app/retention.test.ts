import { describe, expect, it } from 'vitest'
import { createManualClock } from '../adapters/memory/clock.ts'
import { createMemorySmallState } from '../adapters/memory/small-state.ts'
import { refuse, type Refusal } from './refusal.ts'
import { createRetention, type RetentionPorts } from './retention.ts'

const DAY_MS = 86_400_000
const { signal } = new AbortController()

/** Runs and batches by when they ended; `stuck` says why one cannot be removed. */
async function start(ended: Readonly<Record<string, number>>, stuck: Record<string, Refusal | Error> = {}) {
  const left = new Map(Object.entries(ended))
  const faults: unknown[] = []
  function remove<T>(id: string, done: T): Promise<T | Refusal> {
    const reason = stuck[id]
    if (reason instanceof Error) return Promise.reject(reason)
    if (reason) return Promise.resolve(reason)
    return Promise.resolve(left.delete(id) ? done : refuse('expired', 'It is gone.'))
  }
  const dueOf = (letter: string, at: number) => [...left].flatMap(([id, time]) => (id[0] === letter && time < at ? [id] : []))
  const ports: RetentionPorts = {
    state: createMemorySmallState(),
    clock: createManualClock(100 * DAY_MS),
    commands: {
      weigh: () => Promise.resolve({ kind: 'removal', events: 1, bytes: 10 }),
      expire: (id) => remove(id, { kind: 'expired' }),
    },
    batches: { expire: (id) => remove(id, { kind: 'removed', bytes: 100 }) },
    endedBefore: (at) => ({ runs: dueOf('r', at), batches: dueOf('b', at) }),
    onFault: (fault) => faults.push(fault),
  }
  return { retention: await createRetention(ports), ports, left, faults, stuck }
}

describe('retention', () => {
  it('removes what ended more than so many days ago, and says what that freed', async () => {
    const { retention, left } = await start({ r1: 9 * DAY_MS, r2: 10 * DAY_MS, b1: 1, b2: 99 * DAY_MS })
    expect(retention.due(90)).toEqual({ runs: ['r1'], batches: ['b1'] })
    expect(await retention.apply(90, signal)).toMatchObject({ days: 90, runs: 1, batches: 1, bytes: 110, left: 0, reason: null })
    expect([...left.keys()]).toEqual(['r2', 'b2'])
  })

  it('leaves and counts what cannot be removed, whatever the reason, and removes the rest', async () => {
    const { retention, left, faults } = await start(
      { r1: 1, r2: 1, r3: 1, b1: 1, b2: 1 },
      { r1: refuse('conflict', 'The run is still in motion.'), r2: new Error('disk full'), b1: refuse('expired', 'It is gone.') },
    )
    const report = await retention.apply(90, signal)
    expect(report).toMatchObject({ runs: 1, batches: 1, left: 2, reason: 'r1: The run is still in motion.' })
    expect([...left.keys()]).toEqual(['r1', 'r2', 'b1'])
    expect(faults).toEqual([new Error('disk full')])
  })

  it('tells of a pass that removed something or found more stuck than before, and remembers the last', async () => {
    const { retention, ports, left, stuck } = await start({ r1: 1, r2: 1 }, { r1: new Error('disk full') })
    let told = 0
    retention.onPassed(() => (told += 1))
    await retention.pass(90, signal)
    expect([told, retention.last()]).toMatchObject([1, { runs: 1, left: 1 }])
    await retention.pass(90, signal)
    expect(told).toBe(1)
    left.set('r3', 1)
    stuck['r3'] = new Error('disk full')
    await retention.pass(90, signal)
    expect([told, (await createRetention(ports)).last()]).toMatchObject([2, { runs: 0, left: 2 }])
  })

  it('ends between two removals when it is stopped', async () => {
    const { retention, left } = await start({ r1: 1, b1: 1 })
    expect(await retention.apply(90, AbortSignal.abort())).toMatchObject({ runs: 0, batches: 0, left: 0 })
    expect(left.size).toBe(2)
  })
})
