import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { BatchEvent } from '../../messages/batch-events.ts'
import { batchSubject } from '../../messages/batch-events.ts'
import type { BatchCounts, SlaState } from '../../messages/batch.ts'
import { createMemoryEventLog } from '../memory/event-log.ts'
import { metricsText } from './aliases.ts'
import { countBatches } from './batch-counters.ts'
import { gaugeBatches } from './batch-gauges.ts'

const counts = (completed: number, failed: number): BatchCounts => ({
  total: 10,
  completed,
  failed,
  cancelled: 0,
  expired: 0,
  retries: 0,
  tokens_in: completed,
  tokens_out: completed * 2,
  cost_micro_usd: 0,
})
const progress = (completed: number, failed = 0): BatchEvent => ({
  type: 'batch.progress',
  data: { counts: counts(completed, failed), rates: null, eta: null, concurrency: 1 },
})
const sla = (from: SlaState, to: SlaState): BatchEvent => ({ type: 'batch.sla_changed', data: { from, to, eta: null, why: '' } })
const ended: BatchEvent = {
  type: 'batch.ended',
  data: { status: 'completed', counts: counts(8, 2), output: null, errors: null, manifest: null, message: '' },
}

async function scraped(
  batchId: string,
  events: readonly unknown[],
): Promise<(name: string, which?: 'first' | 'second') => string[]> {
  const registry = new Registry()
  const counters = countBatches(registry, createMemoryEventLog(), (fault) => expect.fail(String(fault)))
  counters.explain(() =>
    Promise.resolve([{ code: 'timeout', status_code: null, count: 2, first_at: 0, last_at: 0, retry_helps: true, example: '' }]),
  )
  let sequence = 0
  for (const [index, event] of events.entries()) {
    const { type, data } = event as BatchEvent
    const envelope = { id: `${batchId}-${index}`, at: index * 1000, actor: 'a', tenant: 'local', schema: 1, type, data }
    const result = await counters.log.append(batchSubject(batchId), sequence, [envelope])
    if (result.kind === 'appended') sequence = result.sequence
  }
  const scrape = async () => (await counters.scraped(() => registry.metrics())).split('\n')
  const looks = { first: await scrape(), second: await scrape() }
  return (name, which = 'first') => looks[which].filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
}

it('Outcomes and tokens are counted once, under both names, from tick to tick', async () => {
  const submitted = { type: 'batch.submitted', data: { spec: {} } }
  // A spec that does not parse is no event; a batch found under way begins with its first counts.
  const found = await scraped('b1', [submitted, progress(2), progress(5), progress(5, 2), ended])
  expect(found('signalbox_batch_requests_total')).toEqual(
    expect.arrayContaining([
      'signalbox_batch_requests_total{model="unknown",status="completed"} 6',
      'signalbox_batch_requests_total{model="unknown",status="failed"} 2',
    ]),
  )
  expect(found('ray_data_inference_requests_total')).toHaveLength(4)
  expect(found('llm_tokens_generated_total')).toEqual(['llm_tokens_generated_total{model="unknown"} 12'])
  expect(found('signalbox_batch_errors_total')).toEqual(['signalbox_batch_errors_total{model="unknown",cause="timeout"} 2'])
})

it('check 13: a violation is counted at each change for the worse, not on the way back, and again when it comes back', async () => {
  const found = await scraped('b2', [
    sla('on_track', 'at_risk'),
    sla('at_risk', 'breaching'),
    sla('breaching', 'at_risk'),
    sla('at_risk', 'on_track'),
    progress(1),
    progress(2),
    sla('on_track', 'at_risk'),
    sla('at_risk', 'breached'),
  ])
  expect(found('sla_violations_total')).toEqual([
    'sla_violations_total{job_id="b2",severity="warning"} 2',
    'sla_violations_total{job_id="b2",severity="critical"} 2',
  ])
})

it('Violations of a batch are there from its start, at nothing, and for one more look after its end', async () => {
  const running = await scraped('b3', [{ type: 'batch.started', data: {} }])
  expect(running('signalbox_sla_violations_total', 'second')).toEqual([
    'signalbox_sla_violations_total{job_id="b3",severity="warning"} 0',
    'signalbox_sla_violations_total{job_id="b3",severity="critical"} 0',
  ])
  const over = await scraped('b4', [sla('on_track', 'at_risk'), ended])
  expect(over('signalbox_sla_violations_total')).toEqual(['signalbox_sla_violations_total{job_id="b4",severity="warning"} 1'])
  expect(over('signalbox_sla_violations_total', 'second')).toEqual([])
})

it('Figures are told under their own names alone where the others are switched off', async () => {
  const registry = new Registry()
  countBatches(registry, createMemoryEventLog(), (fault) => expect.fail(String(fault)))
  gaugeBatches(registry, { moving: () => [], live: () => undefined, now: () => 0 })
  const namesIn = (text: string) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '')
  const all = namesIn(await metricsText(registry, true))
  const own = namesIn(await metricsText(registry, false))
  expect(own.length).toBeLessThan(all.length)
  expect(own).toEqual(all.filter((name) => name.startsWith('signalbox_') || name.startsWith('batch_')))
  expect(await metricsText(registry, false)).toContain('signalbox_batch_queue_size{state="queued"} 0')
})
