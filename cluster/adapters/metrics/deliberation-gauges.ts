import { Gauge, type Registry } from 'prom-client'

/** How things stand, asked for at each scrape. */
export interface DeliberationGauges {
  /** Runs in motion. */
  readonly active: () => number
  /** Calls of runs in motion that have not been answered. */
  readonly openCalls: () => number
  readonly agents: () => Promise<readonly { readonly role: string; readonly status: string; readonly agents: number }[]>
}

export function gaugeDeliberations(registry: Registry, read: DeliberationGauges): void {
  const registers = [registry]
  const active: Gauge = new Gauge({
    name: 'signalbox_deliberations_active',
    help: 'Runs in motion.',
    registers,
    collect: () => active.set(read.active()),
  })
  const pending: Gauge = new Gauge({
    name: 'signalbox_collector_pending',
    help: 'Calls of runs in motion that the collector waits for an answer to.',
    registers,
    collect: () => pending.set(read.openCalls()),
  })
  const agents: Gauge<'role' | 'status'> = new Gauge({
    name: 'signalbox_council_agents',
    help: 'Agents of councils: ready, busy (asked and not answered yet), or offline (their council is unavailable).',
    labelNames: ['role', 'status'],
    registers,
    collect: async () => {
      const counted = await read.agents()
      agents.reset()
      for (const { role, status, agents: count } of counted) agents.inc({ role, status }, count)
    },
  })
}
