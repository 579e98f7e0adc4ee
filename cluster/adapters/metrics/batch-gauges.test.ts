import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { BatchLive, BatchRow } from '../../messages/batch-views.ts'
import { gaugeBatches } from './batch-gauges.ts'

const HOUR_MS = 3_600_000

it('A batch under way has its figures under every name, and none once it has ended', async () => {
  const registry = new Registry()
  let rows: readonly BatchRow[] = [{ batch_id: 'b1', status: 'in_progress', engine_id: 'lab', deadline: 5 * HOUR_MS } as BatchRow]
  const live = {
    eta: { at: 0, p50_ms: 2 * HOUR_MS, p90_ms: 3 * HOUR_MS, source: 'measured' },
    running: 3,
    sla: { state: 'at_risk' },
  } as BatchLive
  gaugeBatches(registry, { moving: () => rows, live: () => live, now: () => HOUR_MS })
  const lines = async (of: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.includes(of) && !line.startsWith('#'))
  expect(await lines('eta_hours{')).toEqual([
    'signalbox_batch_eta_hours{job_id="b1",quantile="0.5"} 2',
    'signalbox_batch_eta_hours{job_id="b1",quantile="0.9"} 3',
    'ray_data_eta_hours{job_id="b1",quantile="0.5"} 2',
    'ray_data_eta_hours{job_id="b1",quantile="0.9"} 3',
  ])
  expect(await lines('sla_remaining_hours{')).toEqual([
    'signalbox_sla_remaining_hours{job_id="b1"} 4',
    'sla_remaining_hours{job_id="b1"} 4',
    'ray_data_sla_remaining_hours{job_id="b1"} 4',
  ])
  expect(await lines('llm_queue_depth{state="in_progress"}')).toEqual(['llm_queue_depth{state="in_progress"} 1'])
  expect(await lines('sla_state{')).toEqual(['signalbox_sla_state{job_id="b1",state="at_risk"} 1'])
  expect(await lines('active_requests{')).toEqual([
    'signalbox_active_requests{server="lab"} 3',
    'llm_active_requests{server="lab"} 3',
  ])
  rows = []
  expect(await lines('job_id="b1"')).toEqual([])
})
