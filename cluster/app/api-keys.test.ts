import { beforeEach, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../adapters/memory/clock.ts'
import { createMemorySmallState } from '../adapters/memory/small-state.ts'
import { systemKeyMaker } from '../adapters/system/key-maker.ts'
import type { NewApiKey } from '../messages/api-keys.ts'
import type { SmallState } from '../ports/small-state.ts'
import { openApiKeys, type ApiKeys } from './api-keys.ts'

let state: SmallState
let clock: ManualClock
let keys: ApiKeys

const open = () => openApiKeys({ state, clock, keys: systemKeyMaker, onFault: (fault) => expect.fail(String(fault)) })

beforeEach(async () => {
  state = createMemorySmallState()
  clock = createManualClock()
  keys = await open()
  return () => keys.stop()
})

async function create(more: Partial<NewApiKey> = {}): Promise<{ key: string; id: string }> {
  const made = await keys.create({ name: 'ci', scopes: ['chat', 'batches'], tier: 'free', ...more })
  if (made.kind !== 'created') throw new Error(made.message)
  return { key: made.key, id: made.view.id }
}

it('A key is told once; what is kept opens nothing', async () => {
  const { key, id } = await create()
  const stored = JSON.stringify(await state.list('apikey.'))
  expect(stored).not.toContain(key.slice(10))
  expect(JSON.stringify(keys.list())).not.toContain(key.slice(10))
  expect(keys.list()).toEqual([
    {
      id,
      name: 'ci',
      hint: key.slice(-4),
      scopes: ['chat', 'batches'],
      tier: 'free',
      created_at: clock.now(),
      last_used_at: null,
    },
  ])
})

it('A key opens what its scopes say, in every process that shares the state, until it is revoked', async () => {
  const { key, id } = await create()
  const other = await open()
  for (const one of [keys, other]) {
    expect(one.admit(key, ['chat'])).toMatchObject({ kind: 'admitted', caller: { id, tenant: `key:${id}`, isOwner: false } })
    expect(one.admit(key, [])).toMatchObject({ kind: 'admitted' })
    expect(one.admit(key, ['files', 'read'])).toEqual({
      kind: 'forbidden',
      message: 'The key ci is for chat, batches; this takes files or read.',
    })
  }
  await keys.revoke(id)
  expect(keys.admit(key, [])).toEqual({ kind: 'unknown' })
  await expect.poll(() => other.admit(key, [])).toEqual({ kind: 'unknown' })
  expect(await keys.revoke(id)).toMatchObject({ kind: 'refused', code: 'not-found' })
  other.stop()
})

it('The owner is let in to everything without a limit; an unknown token to nothing', () => {
  keys.setOwner('the-token')
  for (let index = 0; index < 2000; index++) expect(keys.admit('the-token', ['files']).kind).toBe('admitted')
  expect(keys.admit('another', [])).toEqual({ kind: 'unknown' })
})

it('A tier bounds how often a key is used, and says when it may be used again', async () => {
  const { key } = await create()
  for (let index = 0; index < 10; index++) expect(keys.admit(key, []).kind).toBe('admitted')
  expect(keys.admit(key, [])).toMatchObject({ kind: 'limited', retryAfterMs: 60_000, rate: { limit: 10, remaining: 0 } })
  clock.advance(60_000)
  expect(keys.admit(key, [])).toMatchObject({ kind: 'admitted', rate: { limit: 10, remaining: 9 } })
})

it('Two keys have no name in common', async () => {
  await create()
  expect(await keys.create({ name: 'ci', scopes: ['read'], tier: 'free' })).toMatchObject({ kind: 'refused', field: 'name' })
})
