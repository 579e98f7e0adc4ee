import { Registry } from 'prom-client'
import { metricsText } from '../adapters/metrics/aliases.ts'
import { countBatches } from '../adapters/metrics/batch-counters.ts'
import { gaugeBatches } from '../adapters/metrics/batch-gauges.ts'
import { countDeliberations, type DeliberationCounters } from '../adapters/metrics/deliberation-counters.ts'
import { gaugeDeliberations } from '../adapters/metrics/deliberation-gauges.ts'
import { timeRequests } from '../adapters/metrics/request-times.ts'
import { councilAgents } from '../app/commands/figures.ts'
import type { ControlPlane } from '../app/control-plane.ts'
import type { BatchReads } from '../ports/batch-reads.ts'
import type { BatchRequests } from '../ports/batch-requests.ts'
import type { Batches } from '../ports/batches.ts'
import type { PlaneReads } from '../ports/deliberation-reads.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { ReadMetrics } from '../ports/metrics.ts'

/** The figures of one process in one registry: other capabilities add theirs to it. */
export interface Metrics extends DeliberationCounters {
  readonly registry: Registry
  /** Adds what is read from the plane at each scrape. Once, when the plane is there. */
  show(plane: Pick<ControlPlane, 'councils'>, queries: PlaneReads['queries']): void
  /** The same for its batches. */
  showBatches(batches: Pick<Batches, 'live' | 'errors'>, queries: () => BatchReads): void
  /** The requests of batches, with the time of each counted. */
  readonly timed: (requests: BatchRequests) => BatchRequests
  /** `withAliases` (the default): also under the names of other batch servers. */
  readonly read: (withAliases?: boolean) => ReturnType<ReadMetrics>
}

export function openMetrics(log: EventLog, onFault: (fault: unknown) => void): Metrics {
  const registry = new Registry()
  const batches = countBatches(registry, log, onFault)
  const counters = countDeliberations(registry, batches.log, onFault)
  return {
    registry,
    ...counters,
    show: ({ councils }, queries) =>
      gaugeDeliberations(registry, {
        active: () => {
          const { byStatus } = queries().totals()
          return (byStatus['PENDING'] ?? 0) + (byStatus['IN_PROGRESS'] ?? 0)
        },
        openCalls: () => queries().openCalls().length,
        agents: () => councilAgents(councils, queries),
      }),
    timed: timeRequests(registry),
    showBatches({ live, errors }, queries) {
      batches.explain(errors)
      gaugeBatches(registry, { moving: () => queries().moving(), live, now: () => Date.now() })
    },
    async read(withAliases = true) {
      await counters.settled()
      return { contentType: registry.contentType, text: await batches.scraped(() => metricsText(registry, withAliases)) }
    },
  }
}
