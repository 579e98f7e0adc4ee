import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { createScriptedEngines } from '../../adapters/memory/engines.ts'
import { council, type Council } from '../../messages/councils.ts'
import { role } from '../../messages/roles.ts'
import { createCouncils, readCouncil, seedCouncils } from './councils.ts'
import { writeRole } from './roles.ts'

const roles = z.array(role).parse(parse(await readFile(new URL('../../../resources/roles.yaml', import.meta.url), 'utf8')))
const mixed: Council = council.parse({
  council_id: 'mixed',
  title: 'Two minds',
  role: 'DEV',
  agents: [{ model: { engine_id: 'e', model: 'big' }, persona: 'A sceptic.' }, { temperature: 1.2 }],
  config: { deliberation_rounds: 2 },
})

/** Councils over memory; `models` are served by engine `e`; with `asked` the council `mixed` has a run in motion that asks these. */
function open(models: readonly string[] = ['big'], asked: readonly string[] | null = null) {
  const state = createMemorySmallState()
  const engines = createScriptedEngines(() => '')
  const served = models.map((model) => ({
    reference: { engine_id: 'e', model },
    label: model,
    starter: false,
    contextTokens: 4096,
    tokensPerSecond: null,
    parallel: 1,
  }))
  const ports = { state, engines: { ...engines, served: () => Promise.resolve(served) }, shippedRoles: roles }
  return { state, councils: createCouncils(ports, () => new Map(asked ? [['mixed', new Set(asked)]] : [])) }
}

it('ships a fleet of three agents for each of five roles, once', async () => {
  const { state, councils } = open()
  await seedCouncils(state, roles)
  expect((await councils.list()).map(({ council_id, num_agents }) => [council_id, num_agents])).toEqual(
    ['architect', 'data', 'developer', 'devops', 'tester'].map((name) => [name, 3]),
  )
  expect((await readCouncil(state, 'data'))?.agents[0]?.agent_id).toBe('agent-data-001')
  await councils.remove('data')
  await seedCouncils(state, roles)
  expect(await readCouncil(state, 'data')).toBeUndefined()
})

it('keeps a council under the role’s registry name, with each agent’s model and persona', async () => {
  const { state, councils } = open()
  expect(await councils.write(mixed, 'create')).toMatchObject({ kind: 'stored' })
  expect(await readCouncil(state, 'mixed')).toEqual({ ...mixed, role: 'developer' })
})

it.each<[string, Partial<Council>, 'create' | 'change', object]>([
  ['an id that is taken', {}, 'create', { code: 'conflict', field: 'council_id' }],
  ['an unknown council to change', { council_id: 'nobody' }, 'change', { code: 'not-found', field: 'council_id' }],
  ['an unknown role', { council_id: 'other', role: 'poet' }, 'create', { code: 'invalid-input', field: 'role' }],
  [
    'two agents of one id',
    { council_id: 'other', agents: [{ agent_id: 'a' }, { agent_id: 'a' }] },
    'create',
    { code: 'invalid-input', field: 'agents' },
  ],
])('refuses %s, naming the field', async (_, change, how, expected) => {
  const { councils } = open()
  await councils.write(mixed, 'create')
  expect(await councils.write({ ...mixed, ...change }, how)).toMatchObject({ kind: 'refused', ...expected })
})

it('says that there is no council to remove', async () => {
  expect(await open().councils.remove('nobody')).toMatchObject({ code: 'not-found' })
})

it.each<[string, readonly string[], readonly string[] | null, object, string?]>([
  ['idle while its models are served', ['big'], null, { status: 'idle', reason: null }],
  ['active while a run of it is in motion and an agent is free', ['big'], ['agent-001'], { status: 'active', reason: null }],
  ['active while a run of it is between two phases', ['big'], [], { status: 'active' }],
  ['busy while all of its agents are asked', ['big'], ['agent-001', 'agent-002'], { status: 'busy', reason: null }],
  [
    'unavailable when a model it names is not served',
    ['small'],
    ['agent-001'],
    { status: 'unavailable', reason: 'Not served now: big.' },
  ],
  ['unavailable when its role’s model is not served', ['big', 'lost'], null, { reason: 'Not served now: gone.' }, 'gone'],
  ['idle where its role’s model is', ['big', 'gone'], null, { status: 'idle' }, 'gone'],
  ['unavailable when nothing is served', [], null, { status: 'unavailable', reason: 'No model is served now.' }],
])('is %s', async (_, models, asked, expected, preferred) => {
  const { state, councils } = open(models, asked)
  const developer = roles.find(({ name }) => name === 'developer')
  if (preferred !== undefined && developer) await writeRole(state, { ...developer, model: preferred })
  await councils.write(mixed, 'create')
  expect(await councils.list()).toMatchObject([{ num_agents: 2, ...expected }])
})
