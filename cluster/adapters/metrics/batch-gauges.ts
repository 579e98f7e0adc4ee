import type { Registry } from 'prom-client'
import type { BatchLive, BatchRow } from '../../messages/batch-views.ts'
import { aliasedGauge } from './aliases.ts'

export interface BatchGauges {
  /** Batches that have not ended. */
  readonly moving: () => readonly BatchRow[]
  readonly live: (batchId: string) => BatchLive | undefined
  readonly now: () => number
}

const HOUR_MS = 3_600_000

/** How batches stand, asked for at each scrape. A batch has figures of its own only while it has not ended. */
export function gaugeBatches(registry: Registry, { moving, live, now }: BatchGauges): void {
  aliasedGauge<'job_id' | 'quantile'>(
    registry,
    {
      name: 'signalbox_batch_eta_hours',
      aliases: ['ray_data_eta_hours'],
      help: 'Time left of a batch, where enough was measured: half of such batches end sooner (0.5), nine of ten (0.9).',
      labelNames: ['job_id', 'quantile'],
    },
    (gauge) => {
      gauge.reset()
      for (const { batch_id } of moving()) {
        const eta = live(batch_id)?.eta
        if (eta?.source !== 'measured') continue
        gauge.set({ job_id: batch_id, quantile: '0.5' }, eta.p50_ms / HOUR_MS)
        gauge.set({ job_id: batch_id, quantile: '0.9' }, eta.p90_ms / HOUR_MS)
      }
    },
  )
  aliasedGauge<'job_id'>(
    registry,
    {
      name: 'signalbox_sla_remaining_hours',
      aliases: ['sla_remaining_hours', 'ray_data_sla_remaining_hours'],
      help: 'Time until the deadline of a batch; less than nothing where it has passed.',
      labelNames: ['job_id'],
    },
    (gauge) => {
      gauge.reset()
      for (const { batch_id, deadline } of moving()) gauge.set({ job_id: batch_id }, (deadline - now()) / HOUR_MS)
    },
  )
  aliasedGauge<'job_id' | 'state'>(
    registry,
    {
      name: 'signalbox_sla_state',
      help: 'How a batch stands to its deadline: 1 for the state that it is in.',
      labelNames: ['job_id', 'state'],
    },
    (gauge) => {
      gauge.reset()
      for (const { batch_id, sla } of moving()) gauge.set({ job_id: batch_id, state: live(batch_id)?.sla.state ?? sla }, 1)
    },
  )
  aliasedGauge<'server'>(
    registry,
    {
      name: 'signalbox_active_requests',
      aliases: ['llm_active_requests'],
      help: 'Requests of batches that run now, by engine.',
      labelNames: ['server'],
    },
    (gauge) => {
      gauge.reset()
      for (const [server, rows] of Map.groupBy(moving(), ({ engine_id }) => engine_id))
        if (server !== null)
          gauge.set(
            { server },
            rows.reduce((sum, { batch_id }) => sum + (live(batch_id)?.running ?? 0), 0),
          )
    },
  )
  aliasedGauge<'state'>(
    registry,
    {
      name: 'signalbox_batch_queue_size',
      aliases: ['ray_data_batch_queue_size', 'llm_queue_depth', 'batch_queue_depth'],
      help: 'Batches that have not ended, by state.',
      labelNames: ['state'],
    },
    (gauge) => {
      gauge.reset()
      const byState = Map.groupBy(moving(), ({ status }) => status)
      for (const state of ['validating', 'queued', 'in_progress', 'paused', 'finalizing', 'cancelling'] as const)
        gauge.set({ state }, byState.get(state)?.length ?? 0)
    },
  )
}
