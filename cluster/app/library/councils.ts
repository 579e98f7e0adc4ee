import type { CreateCouncil } from '../../messages/council-commands.ts'
import { council, type Council, type CouncilView } from '../../messages/councils.ts'
import { roleName, type Role } from '../../messages/roles.ts'
import type { Engines, ServedModel } from '../../ports/engines.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { AGENTS_EACH, councilOf, numberedAgents } from './wanted-council.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { preferredModel } from './preferred-model.ts'
import { readRoles } from './roles.ts'

const PREFIX = 'council.'
const SEEDED = 'councils-seeded'
/** More would not be found again in a list, and each takes part in every estimate of what is available. */
const MAX_COUNCILS = 200

export interface Councils {
  /** Every council by id, with its state. */
  list(): Promise<readonly CouncilView[]>
  /** One of them with its state. */
  view(value: Council): Promise<CouncilView>
  /** `create` refuses an id that is taken, `change` one that is not there. */
  write(value: Council, how: 'create' | 'change'): Promise<{ readonly kind: 'stored'; readonly council: Council } | Refusal>
  /** Keeps what a client asked for under a command's id: a repeated one makes no second council. */
  create(commandId: string, wanted: CreateCouncil): Promise<{ readonly kind: 'stored'; readonly council: Council } | Refusal>
  /** Runs that were launched with it keep their copy. */
  remove(id: string): Promise<{ readonly kind: 'removed' } | Refusal>
}

/** By council with a run in motion: those of its agents who are asked and have not answered. */
export type AtWork = ReadonlyMap<string, ReadonlySet<string>>

export function createCouncils(
  { state, engines, shippedRoles }: { state: SmallState; engines: Engines; shippedRoles: readonly Role[] },
  atWork: () => AtWork,
): Councils {
  const roles = () => readRoles(state, shippedRoles)
  return {
    async list() {
      const [all, served, known] = await Promise.all([readCouncils(state), engines.served(), roles()])
      const now = atWork()
      return all.map((council) => councilViewOf(council, served, known, now))
    },
    view: async (value) => councilViewOf(value, await engines.served(), await roles(), atWork()),
    write: async (value, how) => writeCouncil(state, await roles(), value, how),
    async create(commandId, wanted) {
      const value = await councilOf(wanted, commandId, await engines.served())
      return 'kind' in value ? value : await writeCouncil(state, await roles(), value, 'create')
    },
    remove: async (id) => ((await state.remove(PREFIX + id)) ? { kind: 'removed' } : missing(id)),
  }
}

/** Whether a key of small state belongs to a council. */
export function isCouncilKey(key: string): boolean {
  return key.startsWith(PREFIX)
}

/** One council of three agents for each shipped role, put there once: what the operator removes stays removed. */
export async function seedCouncils(state: SmallState, shippedRoles: readonly Role[]): Promise<void> {
  if (await state.get(SEEDED)) return
  for (const { name, title } of shippedRoles) await state.put(PREFIX + name, seedOf(name, title), 0)
  await state.put(SEEDED, true, 0)
}

function seedOf(role: string, title: string): Council {
  return council.parse({
    council_id: role,
    title: `${title} council`,
    role,
    agents: numberedAgents(role, AGENTS_EACH),
  })
}

async function readCouncils(state: SmallState): Promise<readonly Council[]> {
  return (await state.list(PREFIX)).map((entry) => council.parse(entry.value))
}

export async function readCouncil(state: SmallState, id: string): Promise<Council | undefined> {
  const entry = await state.get(PREFIX + id)
  return entry && council.parse(entry.value)
}

/** Its role must exist, and its agents must differ in their ids. */
async function writeCouncil(
  state: SmallState,
  roles: readonly Role[],
  value: Council,
  how: 'create' | 'change',
): Promise<{ readonly kind: 'stored'; readonly council: Council } | Refusal> {
  const role = roles.find((one) => one.name === roleName(value.role))
  if (!role)
    return refuse('invalid-input', `There is no role "${value.role}". Known: ${roles.map((one) => one.name).join(', ')}.`, {
      field: 'role',
    })
  const ids = value.agents.flatMap(({ agent_id }) => (agent_id === undefined ? [] : [agent_id]))
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined)
    return refuse('invalid-input', `Two agents are called ${twice}; give each an id of its own.`, { field: 'agents' })
  const key = PREFIX + value.council_id
  const there = await state.get(key)
  if (how === 'change' && !there) return missing(value.council_id)
  if (!there && (await state.list(PREFIX)).length >= MAX_COUNCILS)
    return refuse('conflict', `There are ${MAX_COUNCILS} councils already. Remove one that is not used.`)
  const stored: Council = { ...value, role: role.name }
  const put = await state.put(key, stored, how === 'create' ? 0 : 'any')
  return put.kind === 'stored'
    ? { kind: 'stored', council: stored }
    : refuse('conflict', `There is a council "${value.council_id}" already; take another id.`, { field: 'council_id' })
}

function missing(id: string): Refusal {
  return refuse('not-found', `There is no council "${id}".`, { field: 'council_id' })
}

function councilViewOf(value: Council, served: readonly ServedModel[], roles: readonly Role[], atWork: AtWork): CouncilView {
  const role = roles.find(({ name }) => name === value.role)
  const reason = whyUnavailable(value, served, role)
  const status = reason === null ? statusOf(value, atWork.get(value.council_id)) : 'unavailable'
  return { ...value, num_agents: value.agents.length, status, reason }
}

/** A run keeps a copy of its council: of those it asks there may be more than the council has now. */
function statusOf({ agents }: Council, asked: ReadonlySet<string> | undefined): 'idle' | 'active' | 'busy' {
  if (!asked) return 'idle'
  return asked.size >= agents.length ? 'busy' : 'active'
}

function whyUnavailable({ agents }: Council, served: readonly ServedModel[], role: Role | undefined): string | null {
  if (served.length === 0) return 'No model is served now.'
  const preferred = preferredModel(role, served)
  const lost = preferred.kind === 'lost' ? [preferred.name] : []
  const lacking = agents.flatMap(({ model }) => {
    if (!model) return lost
    return !served.some(({ reference }) => reference.engine_id === model.engine_id && reference.model === model.model)
      ? [model.model]
      : []
  })
  return lacking.length === 0 ? null : `Not served now: ${[...new Set(lacking)].join(', ')}.`
}
