import { timeCostMicroUsd } from './cost.ts'

export type PoolName = 'spot' | 'dedicated'

export interface Pool {
  readonly name: PoolName
  readonly slots: number
  readonly hourMicroUsd: number
}

/** What a batch wants a slot as. */
export interface SlotClaim {
  readonly batchId: string
  readonly isHigh: boolean
  /** The operator's −2…+2. */
  readonly offset: number
}

interface Tenancy extends SlotClaim {
  readonly pool: PoolName
  readonly sinceMs: number
}

/** Who has which slot and who waits for one, HIGH before LOW, then by the operator's offset and in the order of arrival. Times by a monotonic clock. */
export interface Pools {
  readonly pools: readonly Pool[]
  readonly taken: readonly Tenancy[]
  readonly waiting: readonly SlotClaim[]
  /** Micro-dollars of slots given back, by batch. */
  readonly spent: Readonly<Record<string, number>>
}

export function openPools(pools: readonly Pool[]): Pools {
  return { pools, taken: [], waiting: [], spent: {} }
}

/** A slot for a batch, or a place among those that wait: HIGH takes dedicated before spot, LOW spot before dedicated. */
export function requestSlot(state: Pools, own: SlotClaim, nowMs: number): Pools {
  const { batchId, isHigh, offset } = own
  if (state.taken.some((each) => each.batchId === batchId)) return state
  const others = state.waiting.filter((each) => each.batchId !== batchId)
  // Whoever becomes HIGH while it waits goes behind the HIGH that are there, whoever is moved behind its new equals; otherwise a place is kept.
  const before = state.waiting.find((each) => each.batchId === batchId)
  const isSame = before?.isHigh === isHigh && before.offset === offset
  const waiting = isSame ? state.waiting : placed(others, own)
  return fill({ ...state, waiting }, nowMs)
}

/** The batch needs its slot, or its place, no more. */
export function releaseSlot(state: Pools, batchId: string, nowMs: number): Pools {
  return fill(
    {
      ...without(state, (each) => each.batchId === batchId, nowMs),
      waiting: state.waiting.filter((each) => each.batchId !== batchId),
    },
    nowMs,
  )
}

/** Spot slots were taken away: `slots` remain. The last that came lose theirs, wait at the front, and their running rows are pending again. */
export function loseSpot(
  state: Pools,
  slots: number,
  nowMs: number,
): { readonly state: Pools; readonly returned: readonly string[] } {
  const onSpot = state.taken.filter((each) => each.pool === 'spot')
  const lost = onSpot.slice(slots)
  const returned = lost.map((each) => each.batchId)
  const pools = state.pools.map((pool) => (pool.name === 'spot' ? { ...pool, slots } : pool))
  const left = without({ ...state, pools }, (each) => returned.includes(each.batchId), nowMs)
  const waiting = [...lost.map(({ batchId, isHigh, offset }) => ({ batchId, isHigh, offset })), ...left.waiting]
  return { state: fill({ ...left, waiting }, nowMs), returned }
}

/** Other slots or prices from now on; what ran until now has cost what it did. Fewer spot slots are lost as by `loseSpot`; fewer dedicated ones when they come back. */
export function changePools(
  state: Pools,
  pools: readonly Pool[],
  nowMs: number,
): { readonly state: Pools; readonly returned: readonly string[] } {
  const settled = without(state, () => true, nowMs)
  const taken = state.taken.map((each) => ({ ...each, sinceMs: nowMs }))
  const spot = pools.find(({ name }) => name === 'spot')?.slots ?? 0
  return loseSpot({ ...settled, taken, pools }, spot, nowMs)
}

/** The batch is over: nothing of it is remembered. */
export function forgetSlots(state: Pools, batchId: string): Pools {
  const { [batchId]: _cost, ...spent } = state.spent
  return { ...state, spent }
}

/** Micro-dollars that a batch's slots have cost up to now. */
export function runningCost(state: Pools, batchId: string, nowMs: number): number {
  const open = state.taken.filter((each) => each.batchId === batchId).map((each) => costOf(state, each, nowMs))
  return (state.spent[batchId] ?? 0) + open.reduce((sum, cost) => sum + cost, 0)
}

function fill(state: Pools, nowMs: number): Pools {
  const [next, ...waiting] = state.waiting
  if (!next) return state
  const order: readonly PoolName[] = next.isHigh ? ['dedicated', 'spot'] : ['spot', 'dedicated']
  const pool = order.find((name) => isFree(state, name))
  // The front of the list can take any pool, so that nobody behind it could take what it cannot.
  if (!pool) return state
  return fill({ ...state, waiting, taken: [...state.taken, { ...next, pool, sinceMs: nowMs }] }, nowMs)
}

function isFree({ pools, taken }: Pools, name: PoolName): boolean {
  const slots = pools.find((pool) => pool.name === name)?.slots ?? 0
  return taken.filter((each) => each.pool === name).length < slots
}

/** Behind those that claim as much as it does, before those that claim less. */
function placed(waiting: Pools['waiting'], own: SlotClaim): Pools['waiting'] {
  const goesAfter = (each: SlotClaim) => (each.isHigh === own.isHigh ? each.offset < own.offset : own.isHigh)
  const at = waiting.findIndex(goesAfter)
  return at < 0 ? [...waiting, own] : [...waiting.slice(0, at), own, ...waiting.slice(at)]
}

function without(state: Pools, leaves: (each: Tenancy) => boolean, nowMs: number): Pools {
  const spent = { ...state.spent }
  for (const each of state.taken.filter(leaves)) spent[each.batchId] = (spent[each.batchId] ?? 0) + costOf(state, each, nowMs)
  return { ...state, taken: state.taken.filter((each) => !leaves(each)), spent }
}

function costOf({ pools }: Pools, { pool, sinceMs }: Tenancy, nowMs: number): number {
  const price = pools.find((each) => each.name === pool)?.hourMicroUsd ?? 0
  return timeCostMicroUsd(Math.max(0, nowMs - sinceMs), 1, price)
}
