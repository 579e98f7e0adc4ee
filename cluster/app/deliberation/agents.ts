import { defaultMaxTokens, variedTemperature } from '../../domain/deliberation/index.ts'
import type { AgentInput, RunAgent, SubmittedDeliberation } from '../../messages/deliberation.ts'
import type { Role } from '../../messages/roles.ts'
import type { ModelReference } from '../../messages/work.ts'
import type { ServedModel } from '../../ports/engines.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { preferredModel, type PreferredModel } from '../library/preferred-model.ts'
import { readPrice } from '../prices.ts'
import { refuse, type Refusal } from '../refusal.ts'

/** A model that does not say its context is taken to have this much. */
const ASSUMED_CONTEXT_TOKENS = 4096
/** The starter answers in a moment or not at all. */
const STARTER_MAX_TOKENS = 256

/** A run's agents with model, sampling and limits: what the run says of each, else what its role says. */
export async function resolveAgents(
  ports: { readonly state: SmallState },
  input: SubmittedDeliberation,
  wanted: readonly Partial<AgentInput>[],
  role: Role,
  served: readonly ServedModel[],
): Promise<RunAgent[] | Refusal> {
  const agents: RunAgent[] = []
  const preferred = preferredModel(role, served)
  for (const [index, want] of wanted.entries()) {
    const diversity = want.diversity ?? index > 0
    const temperature = want.temperature ?? variedTemperature(role.temperature, diversity)
    const made = await runAgent(ports, served, want.model ?? preferred, input.agents ? `agents.${index}.model` : 'model', {
      agent_id: want.agent_id ?? `agent-${String(index + 1).padStart(3, '0')}`,
      temperature,
      persona: want.persona ?? null,
      diversity,
      role,
      maxTokens: (context) => defaultMaxTokens(input.max_tokens, role.max_tokens, context),
    })
    if ('kind' in made) return made
    agents.push(made)
  }
  const twice = agents.find((agent, index) => agents.findIndex((other) => other.agent_id === agent.agent_id) !== index)
  return twice
    ? refuse('invalid-input', `Two agents are called ${twice.agent_id}; give each an id of its own.`, { field: 'agents' })
    : agents
}

/** Who chooses among the best: by the profile of the role `architect`, on the first agent's model where it has none. */
export async function architectAgent(
  ports: { readonly state: SmallState },
  input: SubmittedDeliberation,
  roles: readonly Role[],
  agents: readonly RunAgent[],
  served: readonly ServedModel[],
): Promise<RunAgent | Refusal> {
  const role = roles.find(({ name }) => name === 'architect')
  const own = role?.model == null ? agents[0]?.model : preferredModel(role, served)
  const model = input.options.architect_model ?? own ?? { kind: 'none' }
  return await runAgent(ports, served, model, 'options.architect_model', {
    agent_id: 'architect',
    temperature: 0.2,
    persona: role?.persona ?? null,
    diversity: false,
    role,
    maxTokens: (context) => Math.min(1024, Math.floor(context / 4)),
  })
}

async function runAgent(
  ports: { readonly state: SmallState },
  served: readonly ServedModel[],
  wanted: ModelReference | PreferredModel,
  field: string,
  agent: {
    agent_id: string
    temperature: number
    persona: string | null
    diversity: boolean
    role: Role | undefined
    maxTokens: (context: number) => number
  },
): Promise<RunAgent | Refusal> {
  const found = servedAs(wanted, served)
  if (!found) return refuse('unavailable', whyNotServed(agent.agent_id, wanted, agent.role, served), { field })
  const window = agent.role?.context_window ?? Infinity
  const context_tokens = Math.min(found.contextTokens ?? agent.role?.context_window ?? ASSUMED_CONTEXT_TOKENS, window)
  const price = await readPrice(ports.state, found.reference)
  const { maxTokens, role: _, ...rest } = agent
  return {
    ...rest,
    model: found.reference,
    label: found.label,
    starter: found.starter,
    max_tokens: Math.min(maxTokens(context_tokens), found.starter ? STARTER_MAX_TOKENS : Number.MAX_SAFE_INTEGER),
    context_tokens,
    price_in: price?.price_in ?? 0,
    price_out: price?.price_out ?? 0,
  }
}

function servedAs(wanted: ModelReference | PreferredModel, served: readonly ServedModel[]): ServedModel | undefined {
  if ('kind' in wanted) return wanted.kind === 'served' ? wanted.model : undefined
  return served.find(({ reference }) => reference.engine_id === wanted.engine_id && reference.model === wanted.model)
}

function whyNotServed(
  agentId: string,
  wanted: ModelReference | PreferredModel,
  role: Role | undefined,
  served: readonly ServedModel[],
): string {
  if (!('kind' in wanted))
    return `${agentId}: ${wanted.model} is not served by ${wanted.engine_id} now. See Models & engines for what can be called.`
  if (wanted.kind !== 'lost' || served.length === 0)
    return `${agentId}: no model is served yet. See Models & engines for what can be called.`
  const names = served.map(({ label }) => label).join(', ')
  return `${agentId}: ${wanted.name}, the model of the role ${role?.name ?? ''}, is not served now. Served: ${names}. Choose one of them for this run, or change the role.`
}
