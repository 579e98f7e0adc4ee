import { apiKey, type ApiKey, type ApiKeyView, type ApiScope, type NewApiKey } from '../messages/api-keys.ts'
import { createRateLimiter, rateTiers, type RateLimiter } from '../domain/rate-limit.ts'
import type { Access, Admittance, Caller } from '../ports/access.ts'
import type { Clock } from '../ports/clock.ts'
import type { KeyMaker } from '../ports/key-maker.ts'
import type { SmallState } from '../ports/small-state.ts'
import { refuse, type Refusal } from './refusal.ts'

export interface ApiKeysPorts {
  readonly state: SmallState
  readonly clock: Clock
  readonly keys: KeyMaker
  readonly onFault: (fault: unknown) => void
}

/** Keys of the HTTP API beside the owner's token. */
export interface ApiKeys extends Access {
  list(): readonly ApiKeyView[]
  /** The key itself is in the answer and nowhere else. */
  create(wanted: NewApiKey): Promise<{ readonly kind: 'created'; readonly key: string; readonly view: ApiKeyView } | Refusal>
  /** From then on it opens nothing; requests under way end as they would, and its batches run on. */
  revoke(id: string): Promise<{ readonly kind: 'revoked' } | Refusal>
  /** The owner's token, which may do everything without a limit. */
  setOwner(token: string): void
  /** Told after every change, also one made by another process. Returns the function that ends it. */
  onChanged(listener: () => void): () => void
  stop(): void
}

const PREFIX = 'apikey.'
const MAX_KEYS = 200
const OWNER: Caller = { id: 'owner', name: 'owner', tenant: 'local', isOwner: true }

interface Known {
  readonly key: ApiKey
  readonly caller: Caller
  readonly limiter: RateLimiter | null
  lastUsedAt: number | null
}

export async function openApiKeys({ state, clock, keys, onFault }: ApiKeysPorts): Promise<ApiKeys> {
  const byId = new Map<string, Known>()
  const byDigest = new Map<string, Known>()
  const listeners = new Set<() => void>()
  const stopping = new AbortController()
  let owner: string | undefined

  function learn(value: unknown): void {
    const key = apiKey.parse(value)
    const before = byId.get(key.id)
    if (before) byDigest.delete(before.key.sha256)
    const tier = rateTiers[key.tier]
    // What was used of the limits stays used when the key's name or scopes change.
    const limiter = before?.key.tier === key.tier ? before.limiter : tier && createRateLimiter(tier)
    const caller = { id: key.id, name: key.name, tenant: `key:${key.id}`, isOwner: false }
    const known = { key, caller, limiter, lastUsedAt: before?.lastUsedAt ?? null }
    byId.set(key.id, known)
    byDigest.set(key.sha256, known)
  }

  function forget(id: string): void {
    const known = byId.get(id)
    if (!known) return
    byId.delete(id)
    byDigest.delete(known.key.sha256)
  }

  async function follow(): Promise<void> {
    for await (const change of state.watch(PREFIX, stopping.signal)) {
      if (change.kind === 'put') learn(change.entry.value)
      else forget(change.key.slice(PREFIX.length))
      for (const listener of listeners) listener()
    }
  }
  follow().catch((fault: unknown) => stopping.signal.aborted || onFault(fault))
  for (const { value } of await state.list(PREFIX)) learn(value)

  return {
    list: () => [...byId.values()].map(viewOf).sort((a, b) => a.created_at - b.created_at),

    async create({ name, scopes, tier }) {
      if (byId.size >= MAX_KEYS) return refuse('conflict', `There are ${MAX_KEYS} keys; revoke one first.`)
      if ([...byId.values()].some((one) => one.key.name === name))
        return refuse('conflict', `There is a key called ${name} already.`, { field: 'name' })
      const made = keys.make()
      const hint = made.key.slice(-4)
      const value: ApiKey = { id: made.id, name, hint, sha256: made.sha256, scopes, tier, created_at: clock.now() }
      await state.put(PREFIX + made.id, value, 0)
      learn(value)
      return { kind: 'created', key: made.key, view: { ...withoutDigest(value), last_used_at: null } }
    },

    async revoke(id) {
      const removed = await state.remove(PREFIX + id)
      forget(id)
      return removed ? { kind: 'revoked' } : refuse('not-found', `There is no key ${id}; it may have been revoked already.`)
    },

    setOwner(token) {
      owner = keys.digest(token)
    },

    admit(token, scopes): Admittance {
      const digest = keys.digest(token)
      if (digest === owner) return { kind: 'admitted', caller: OWNER, rate: null }
      const known = byDigest.get(digest)
      if (!known) return { kind: 'unknown' }
      if (!isAllowed(known.key, scopes)) return { kind: 'forbidden', message: forbidden(known.key, scopes) }
      const now = clock.now()
      known.lastUsedAt = now
      if (known.limiter === null) return { kind: 'admitted', caller: known.caller, rate: null }
      const taken = known.limiter.take(now)
      if (taken.kind === 'admitted') return { kind: 'admitted', caller: known.caller, rate: taken.state }
      const message = `The key ${known.key.name} may make no more than ${taken.state.limit} requests in its window (tier ${known.key.tier}).`
      return { kind: 'limited', message, retryAfterMs: taken.retryAfterMs, rate: taken.state }
    },

    onChanged(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => stopping.abort(),
  }
}

function isAllowed({ scopes }: ApiKey, wanted: readonly ApiScope[]): boolean {
  return wanted.length === 0 || wanted.some((scope) => scopes.includes(scope))
}

function forbidden({ name, scopes }: ApiKey, wanted: readonly ApiScope[]): string {
  return `The key ${name} is for ${scopes.join(', ')}; this takes ${wanted.join(' or ')}.`
}

function viewOf({ key, lastUsedAt }: Known): ApiKeyView {
  return { ...withoutDigest(key), last_used_at: lastUsedAt }
}

function withoutDigest({ sha256: _, ...shown }: ApiKey): Omit<ApiKey, 'sha256'> {
  return shown
}
