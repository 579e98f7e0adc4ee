import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { sampleSpec } from '../../domain/deliberation/sample-runs.ts'
import { deliberationSubject, type DeliberationEvent } from '../../messages/deliberation-events.ts'
import type { EventEnvelope } from '../../messages/envelope.ts'
import { createMemoryEventLog } from '../memory/event-log.ts'
import { countDeliberations } from './deliberation-counters.ts'

const subject = deliberationSubject('dlb-1')
const submitted: DeliberationEvent = { type: 'deliberation.submitted', data: { spec: sampleSpec({ role: 'tester' }) } }
const started = (phase: 'propose' | 'check'): DeliberationEvent => ({
  type: 'deliberation.phase_started',
  data: { phase, round: 0, expected: [] },
})
const ended = (status: 'COMPLETED' | 'CANCELLED'): DeliberationEvent => ({
  type: 'deliberation.ended',
  data: { status, reason: status === 'COMPLETED' ? 'ranked' : 'cancelled', partial: false, winner_id: null, message: '' },
})
const late: DeliberationEvent = {
  type: 'deliberation.late_answer',
  data: { round: 0, phase: 'propose', agent_id: 'agent-developer-002', kind: 'completed', metrics: null },
}
const at = (seconds: number, ...events: DeliberationEvent[]): EventEnvelope[] =>
  events.map((event, index) => ({
    id: `${seconds}.${index}`,
    at: seconds * 1000,
    actor: 'a',
    tenant: 'local',
    schema: 1,
    ...event,
  }))

function open() {
  const inner = createMemoryEventLog()
  const registry = new Registry()
  const faults: unknown[] = []
  const { log, settled } = countDeliberations(registry, inner, (fault) => faults.push(fault))
  const sample = async (name: string) => {
    await settled()
    return (await registry.metrics()).split('\n').filter((line) => line.startsWith(name))
  }
  return { inner, log, sample, faults }
}

it('counts nothing that was in the log before, and knows the runs that were in motion', async () => {
  const { inner, log, sample, faults } = open()
  await inner.append(subject, 0, at(10, submitted, started('propose')))
  await log.append(subject, 1, at(14, started('check')))
  await log.append(subject, 2, at(15, ended('COMPLETED')))
  expect(await sample('signalbox_deliberations_total')).toEqual([
    'signalbox_deliberations_total{role="tester",status="COMPLETED"} 1',
  ])
  expect(await sample('signalbox_deliberation_duration_seconds_sum')).toEqual([
    'signalbox_deliberation_duration_seconds_sum{role="tester"} 5',
  ])
  expect(await sample('signalbox_phase_duration_seconds_sum')).toEqual([
    'signalbox_phase_duration_seconds_sum{phase="propose"} 4',
    'signalbox_phase_duration_seconds_sum{phase="check"} 1',
  ])
  expect(faults).toEqual([])
})

it('does not take a phase that another process began for the one it saw last', async () => {
  const { inner, log, sample } = open()
  await log.append(subject, 0, at(0, submitted, started('propose')))
  await inner.append(subject, 1, at(3, started('check')))
  await log.append(subject, 2, at(5, ended('COMPLETED')))
  expect(await sample('signalbox_phase_duration_seconds_sum')).toEqual(['signalbox_phase_duration_seconds_sum{phase="check"} 2'])
})

it('leaves out how long it took what was cut short', async () => {
  const { log, sample } = open()
  await log.append(subject, 0, at(0, submitted, started('propose')))
  await log.append(subject, 1, at(60, ended('CANCELLED')))
  expect(await sample('signalbox_deliberations_total')).toEqual([
    'signalbox_deliberations_total{role="tester",status="CANCELLED"} 1',
  ])
  expect(await sample('signalbox_phase_duration_seconds_count')).toEqual([])
  expect(await sample('signalbox_deliberation_duration_seconds_count')).toEqual([])
})

it('counts an answer that comes after the end as late, under its model', async () => {
  const { log, sample } = open()
  await log.append(subject, 0, at(0, submitted, started('propose')))
  await log.append(subject, 1, at(1, ended('CANCELLED')))
  await log.append(subject, 2, at(2, late))
  expect(await sample('signalbox_agent_responses_total')).toEqual([
    'signalbox_agent_responses_total{role="tester",model="small",status="late"} 1',
  ])
})

it('counts an append that another writer beat to it not at all', async () => {
  const { log, sample } = open()
  await log.append(subject, 0, at(0, submitted, started('propose')))
  await log.append(subject, 0, at(1, ended('CANCELLED')))
  expect(await sample('signalbox_deliberations_total')).toEqual([])
})
