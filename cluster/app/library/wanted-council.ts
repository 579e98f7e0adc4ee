import type { CreateCouncil } from '../../messages/council-commands.ts'
import type { Council } from '../../messages/councils.ts'
import { roleName } from '../../messages/roles.ts'
import type { ModelReference } from '../../messages/work.ts'
import type { ServedModel } from '../../ports/engines.ts'
import { refuse, type Refusal } from '../refusal.ts'

export const AGENTS_EACH = 3

/** The council that a client asks for, with everything it left out. Its id follows from its role and the command. */
export async function councilOf(
  wanted: CreateCouncil,
  commandId: string,
  served: readonly ServedModel[],
): Promise<Council | Refusal> {
  const role = roleName(wanted.role)
  const model = wanted.model === undefined ? undefined : modelOf(wanted.model, served)
  if (model && 'kind' in model) return model
  const agents = wanted.agents ?? numberedAgents(role, wanted.num_agents ?? AGENTS_EACH)
  return {
    council_id: wanted.council_id ?? `${role.slice(0, 40)}-${await shortDigest(commandId)}`,
    title: wanted.title ?? `${role} council`,
    role,
    agents: agents.map((agent) => ({ ...(model && { model }), ...agent })),
    config: wanted.config,
  }
}

/** Agents that are alike, called after their role. */
export function numberedAgents(role: string, count: number): Council['agents'] {
  return Array.from({ length: count }, (_, at) => ({ agent_id: `agent-${role}-${String(at + 1).padStart(3, '0')}` }))
}

/** A reference is taken as it is: what it names may be served later. A name alone has to be served now. */
function modelOf(wanted: ModelReference | string, served: readonly ServedModel[]): ModelReference | Refusal {
  if (typeof wanted !== 'string') return wanted
  const named = served.filter(({ reference, label }) => reference.model === wanted || label === wanted)
  const [first, second] = named
  if (!first)
    return refuse(
      'invalid-input',
      `No model "${wanted}" is served. Served now: ${served.map(({ reference }) => reference.model).join(', ') || 'none'}.`,
      { field: 'model' },
    )
  if (second)
    return refuse(
      'invalid-input',
      `"${wanted}" is served by ${named.map(({ reference }) => reference.engine_id).join(' and ')}; send {"engine_id","model"}.`,
      { field: 'model' },
    )
  return first.reference
}

async function shortDigest(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(hash.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
