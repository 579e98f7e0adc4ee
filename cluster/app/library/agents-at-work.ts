import { openCalls, type RunState } from '../../domain/deliberation/index.ts'
import type { AtWork } from './councils.ts'

/** Who of which council is asked just now. Samplers of a baseline and the architect belong to no council. */
export function agentsAtWork(active: readonly RunState[]): AtWork {
  const atWork = new Map<string, Set<string>>()
  for (const state of active) {
    const { council_id, agents } = state.spec
    if (council_id === null) continue
    const asked = atWork.get(council_id) ?? new Set()
    for (const call of openCalls(state)) if (agents.some(({ agent_id }) => agent_id === call.agent_id)) asked.add(call.agent_id)
    atWork.set(council_id, asked)
  }
  return atWork
}
