import type { DeliberationEvent } from '../../messages/deliberation-events.ts'

/** What counters need to know of a run beside the event that they count. Times are milliseconds since the epoch. */
export interface RunFacts {
  readonly role: string
  readonly submittedAt: number
  /** Model names by agent. */
  readonly models: ReadonlyMap<string, string>
  readonly architectModel: string | null
  readonly openPhase: { readonly phase: string; readonly since: number } | null
}

/** Undefined before a run's first event. */
export function factsAfter(facts: RunFacts | undefined, event: DeliberationEvent, at: number): RunFacts | undefined {
  if (event.type === 'deliberation.submitted') {
    const { role, agents, architect, baseline } = event.data.spec
    const models = new Map([...agents, ...(baseline?.agents ?? [])].map((one) => [one.agent_id, one.model.model]))
    return { role, submittedAt: at, models, architectModel: architect?.model.model ?? null, openPhase: null }
  }
  if (!facts) return undefined
  if (event.type === 'deliberation.phase_started') return { ...facts, openPhase: { phase: event.data.phase, since: at } }
  return event.type === 'deliberation.ended' ? { ...facts, openPhase: null } : facts
}
