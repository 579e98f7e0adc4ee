import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, it, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { createMemoryEventLog } from '../memory/event-log.ts'
import { countBatches } from './batch-counters.ts'
import { gaugeBatches } from './batch-gauges.ts'
import { countEngineFailures, gaugeDisk } from './machine-figures.ts'
import { timeRequests } from './request-times.ts'

const rule = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+m$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string().min(1) }),
})
const ruleFile = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })).min(1) })

const file = join(import.meta.dirname, '../../../resources/prometheus-alerts.yaml')
const rules = ruleFile.parse(parse(readFileSync(file, 'utf8'))).groups.flatMap((group) => group.rules)

it.each(rules)('The rule $alert asks only for figures that are exported', async ({ expr }) => {
  const registry = new Registry()
  countBatches(registry, createMemoryEventLog(), (fault) => expect.fail(String(fault)))
  gaugeBatches(registry, { moving: () => [], live: () => undefined, now: () => 0 })
  timeRequests(registry)
  countEngineFailures(registry)
  gaugeDisk(registry, import.meta.dirname)
  const exported = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name))
  const asked = [...expr.matchAll(/\bsignalbox_\w+/g)].map(([name]) => name.replace(/_bucket$/, ''))
  expect(asked).not.toEqual([])
  expect(asked.filter((name) => !exported.has(name))).toEqual([])
})

test('check 4: idle workers raise no alert of throughput', () => {
  const low = rules.filter(({ alert }) => alert === 'ThroughputLow' || alert === 'TokenRateLow')
  expect(low).toHaveLength(2)
  for (const { expr } of low) expect(expr).toContain('and on () signalbox_batch_queue_size{state="in_progress"} > 0')
})

test('a crash of an engine is counted by its cause, and the free share of the disk is told', async () => {
  const registry = new Registry()
  const failed = countEngineFailures(registry)
  gaugeDisk(registry, import.meta.dirname)
  failed('crashed')
  const text = await registry.metrics()
  expect(text).toContain('signalbox_worker_failures_total{cause="crashed"} 1\n')
  expect(text).toContain('ray_data_worker_failures_total{cause="hung"} 0\n')
  const share = Number(/^signalbox_disk_free_ratio (.+)$/m.exec(text)?.[1])
  expect(share).toBeGreaterThan(0)
  expect(share).toBeLessThanOrEqual(1)
})
