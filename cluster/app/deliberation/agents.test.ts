import { expect, it } from 'vitest'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { submitDeliberation, type SubmitDeliberation } from '../../messages/deliberation.ts'
import { role, type Role } from '../../messages/roles.ts'
import type { ServedModel } from '../../ports/engines.ts'
import { architectAgent, resolveAgents } from './agents.ts'

const roleOf = (name: string, more: Partial<Role> = {}): Role =>
  role.parse({
    name,
    title: name,
    persona: 'You work.',
    rubric: [{ name: 'Good', weight: 1 }],
    temperature: 0.7,
    max_tokens: null,
    ...more,
  })
const served = (engine_id: string, model: string, contextTokens: number | null = 131_072): ServedModel => ({
  reference: { engine_id, model },
  label: `The ${model}`,
  contextTokens,
  starter: false,
  parallel: 1,
  tokensPerSecond: null,
})
const both = [served('a', 'small'), served('b', 'large')]

async function agents(more: Partial<Role>, run: Partial<SubmitDeliberation> = {}, models = both) {
  const input = submitDeliberation.parse({ task: 'Design it.', role: 'developer', ...run })
  const ports = { state: createMemorySmallState() }
  return await resolveAgents(ports, input, input.agents ?? [{}], roleOf('developer', more), models)
}

it.each<[string, Partial<Role>, Partial<SubmitDeliberation>, string]>([
  ['its role’s model by name', { model: 'large' }, {}, 'large'],
  ['its role’s model by label', { model: 'The large' }, {}, 'large'],
  [
    'its own model rather than its role’s',
    { model: 'large' },
    { agents: [{ model: { engine_id: 'a', model: 'small' } }] },
    'small',
  ],
  ['the first that is served where its role names none', {}, {}, 'small'],
])('an agent takes %s', async (_, more, run, model) => {
  expect(await agents(more, run)).toMatchObject([{ model: { model } }])
})

it('every agent but the first is asked for another approach and is warmer, unless it says otherwise', async () => {
  const run = { agents: [{ diversity: true }, {}, { diversity: false }, { diversity: true, temperature: 0.2 }] }
  expect(await agents({}, run)).toMatchObject([
    { diversity: true, temperature: 0.91 },
    { diversity: true, temperature: 0.91 },
    { diversity: false, temperature: 0.7 },
    { diversity: true, temperature: 0.2 },
  ])
})

it('a run whose role names a model that is not served is refused, with what is served', async () => {
  expect(await agents({ model: 'huge' }, { agents: [{}] })).toMatchObject({
    code: 'unavailable',
    field: 'agents.0.model',
    message:
      'agent-001: huge, the model of the role developer, is not served now. Served: The small, The large. Choose one of them for this run, or change the role.',
  })
})

it.each<[string, Partial<Role>, number | null, number, number]>([
  ['a context window gives a quarter of it to an answer', { context_window: 32_768 }, 131_072, 32_768, 8192],
  ['a context window never widens a model', { context_window: 32_768 }, 8192, 8192, 2048],
  ['a context window is believed where the engine does not say its own', { context_window: 16_384 }, null, 16_384, 4096],
  ['a limit of the role stands before the quarter', { context_window: 32_768, max_tokens: 3072 }, 131_072, 32_768, 3072],
])('%s', async (_, more, context, context_tokens, max_tokens) => {
  expect(await agents(more, {}, [served('a', 'm', context)])).toMatchObject([{ context_tokens, max_tokens }])
})

it('the architect who chooses has the profile of the role architect, else the first agent’s model', async () => {
  const input = submitDeliberation.parse({ task: 'x', role: 'developer', options: { selection: 'architect' } })
  const state = { state: createMemorySmallState() }
  const team = await agents({})
  if ('kind' in team) return expect.unreachable()
  const chooser = (more: Partial<Role>) => architectAgent(state, input, [roleOf('architect', more)], team, both)
  expect(await chooser({ model: 'large', context_window: 2048 })).toMatchObject({
    model: { model: 'large' },
    context_tokens: 2048,
    max_tokens: 512,
  })
  expect(await chooser({})).toMatchObject({ model: { model: 'small' } })
  expect(await chooser({ model: 'huge' })).toMatchObject({ code: 'unavailable', field: 'options.architect_model' })
})
