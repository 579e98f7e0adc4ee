import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAX_VALUE_BYTES } from '../small-state.ts'
import type { SmallState, StateChange } from '../small-state.ts'

export interface SmallStateUnderTest {
  readonly state: SmallState
  /** Closes the store and opens it again from what is durable. */
  readonly reopen?: () => Promise<SmallState>
  close(): Promise<void>
}

/** What every small state promises; `open` gives an empty one, `durable` if it can reopen. */
export function smallStateConformance(name: string, durable: boolean, open: () => Promise<SmallStateUnderTest>): void {
  describe(`${name} as small state`, () => {
    let opened: SmallStateUnderTest
    let state: SmallState
    let stop: AbortController
    beforeEach(async () => {
      opened = await open()
      state = opened.state
      stop = new AbortController()
    })
    afterEach(async () => {
      stop.abort()
      await opened.close()
    })
    const put = async (key: string, value: unknown, expected: number | 'any' = 'any') => {
      const result = await state.put(key, value, expected)
      return result.kind === 'stored' ? result.revision : expect.unreachable(`${key} is at revision ${result.actual}`)
    }

    it('has nothing under a key never written', async () => {
      expect(await state.get('roles.analyst')).toBeUndefined()
    })

    it.each([
      ['an object', { name: 'Analyst', weight: 0.5, tags: ['a', null] }],
      ['a list', [1, 2, 3]],
      ['a text', 'dark – 暗い'],
      ['zero', 0],
      ['false', false],
      ['null', null],
    ])('gives back %s as it was put', async (_, value) => {
      const revision = await put('settings.value', value)
      expect(await state.get('settings.value')).toEqual({ key: 'settings.value', value, revision })
    })

    it.each([
      ['no JSON', undefined],
      ['too large', 'x'.repeat(MAX_VALUE_BYTES)],
    ])('refuses a value that is %s', async (_, value) => {
      await expect(state.put('settings.value', value, 'any')).rejects.toBeInstanceOf(RangeError)
    })

    it('gives every write of a key a greater revision', async () => {
      const first = await put('a', 1)
      const second = await put('a', 2, first)
      await state.remove('a')
      const third = await put('a', 3, 0)
      expect(first > 0 && first < second && second < third).toBe(true)
    })

    it('refuses a put that expects another revision and tells the actual one', async () => {
      const first = await put('a', 1)
      const second = await put('a', 2)
      expect(await state.put('a', 'late', first)).toEqual({ kind: 'conflict', actual: second })
      expect(await state.put('a', 'late', 0)).toEqual({ kind: 'conflict', actual: second })
      expect(await state.put('b', 'early', second)).toEqual({ kind: 'conflict', actual: 0 })
      expect((await state.get('a'))?.value).toBe(2)
    })

    it('lets exactly one of several writers win that expect the same', async () => {
      const revision = await put('a', 0)
      const results = await Promise.all([1, 2, 3].map((value) => state.put('a', value, revision)))
      expect(results.filter((result) => result.kind === 'stored')).toHaveLength(1)
    })

    it('lists the entries under a prefix by key', async () => {
      for (const key of ['roles.writer', 'settings.theme', 'roles.analyst', 'roles_x']) await put(key, key)
      expect((await state.list('roles.')).map((entry) => [entry.key, entry.value])).toEqual([
        ['roles.analyst', 'roles.analyst'],
        ['roles.writer', 'roles.writer'],
      ])
      expect(await state.list('')).toHaveLength(4)
    })

    it('removes an entry once', async () => {
      await put('a', 1)
      expect([await state.remove('a'), await state.remove('a'), await state.get('a')]).toEqual([true, false, undefined])
    })

    it('shows a watcher the changes under its prefix in order', async () => {
      await put('roles.old', 0)
      const watching = collect(state.watch('roles.', stop.signal), 3, stop)
      const revision = await put('roles.analyst', 1)
      await put('settings.theme', 'dark')
      await state.remove('roles.old')
      await put('roles.writer', 2)
      expect(await watching).toMatchObject([
        { kind: 'put', entry: { key: 'roles.analyst', value: 1, revision } },
        { kind: 'removed', key: 'roles.old' },
        { kind: 'put', entry: { key: 'roles.writer', value: 2 } },
      ])
    })

    it('shows a slow watcher at least the latest of each key', async () => {
      const changes = state.watch('', stop.signal)
      for (let value = 1; value <= 50; value++) await put('a', value)
      await put('b', 'last')
      const latest = new Map<string, unknown>()
      for await (const change of changes) {
        if (change.kind === 'put') latest.set(change.entry.key, change.entry.value)
        if (latest.has('b')) break
      }
      expect([...latest]).toEqual([
        ['a', 50],
        ['b', 'last'],
      ])
    })

    it('shows nothing for a put that was refused', async () => {
      const watching = collect(state.watch('', stop.signal), 1, stop)
      await state.put('a', 'refused', 7)
      await put('b', 'stored')
      expect(await watching).toMatchObject([{ kind: 'put', entry: { key: 'b' } }])
    })

    it('stops watching when the signal aborts', async () => {
      const watching = collect(state.watch('', stop.signal), 1, stop)
      stop.abort()
      expect(await watching).toEqual([])
    })

    if (durable)
      it('has everything again after it was closed and opened', async () => {
        const revision = await put('a', { kept: true })
        await put('b', 1)
        await state.remove('b')
        state = (await opened.reopen?.()) ?? expect.unreachable('a durable store opens again')
        expect(await state.list('')).toEqual([{ key: 'a', value: { kept: true }, revision }])
        expect(await put('b', 2, 0)).toBeGreaterThan(revision)
      })
  })
}

async function collect(changes: AsyncIterable<StateChange>, count: number, stop: AbortController): Promise<StateChange[]> {
  const seen: StateChange[] = []
  for await (const change of changes) {
    seen.push(change)
    if (seen.length === count) stop.abort()
  }
  return seen
}
