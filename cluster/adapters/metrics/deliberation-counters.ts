import { Counter, Histogram, type Registry } from 'prom-client'
import type { CallMetrics } from '../../messages/answer.ts'
import { deliberationEvent, deliberationSubject, type DeliberationEvent } from '../../messages/deliberation-events.ts'
import type { EventEnvelope } from '../../messages/envelope.ts'
import type { CallPhase } from '../../messages/work.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { factsAfter, type RunFacts } from './run-facts.ts'

export interface DeliberationCounters {
  /** The same log; what is appended through it is counted. */
  readonly log: EventLog
  readonly onDuplicateAnswer: () => void
  /** Resolves when all that was appended so far is counted. */
  readonly settled: () => Promise<void>
}

const FACTS_KEPT = 500
const ROOT = deliberationSubject('')

/**
 * Counts what this process appends to the log, from its start on: as Prometheus wants counters, which begin at nothing with their process
 * and never go back. Not folded from the log at start: retention shortens a log, and the sum over several controllers would count each
 * event as often as there are controllers.
 */
export function countDeliberations(registry: Registry, log: EventLog, onFault: (fault: unknown) => void): DeliberationCounters {
  const count = createCounters(registry)
  /** By run, as of the entry `sequence`. Whoever else appended to the run made them stale: they are read from the log again. */
  const entries = new Map<string, { readonly sequence: number; readonly facts: RunFacts | undefined }>()
  let last = Promise.resolve()

  async function factsAt(subject: string, sequence: number): Promise<RunFacts | undefined> {
    const kept = entries.get(subject)
    if (kept?.sequence === sequence || sequence === 0) return kept?.facts
    let facts: RunFacts | undefined
    for (const entry of await log.readSubject(subject))
      if (entry.sequence <= sequence) for (const { known, at } of knownOf(entry.events)) facts = factsAfter(facts, known, at)
    return facts
  }

  async function take(subject: string, expected: number, sequence: number, events: readonly EventEnvelope[]): Promise<void> {
    let facts = await factsAt(subject, expected)
    let isOver = false
    for (const { known, at } of knownOf(events)) {
      if (facts) count.event(known, facts, at)
      isOver ||= known.type === 'deliberation.ended'
      facts = factsAfter(facts, known, at)
    }
    entries.delete(subject)
    if (!isOver) entries.set(subject, { sequence, facts })
    const [oldest] = entries.keys()
    if (entries.size > FACTS_KEPT && oldest !== undefined) entries.delete(oldest)
  }

  return {
    log: {
      ...log,
      async append(subject, expected, events) {
        const result = await log.append(subject, expected, events)
        if (result.kind === 'appended' && subject.startsWith(ROOT))
          last = last.then(() => take(subject, expected, result.sequence, events)).catch(onFault)
        return result
      },
    },
    onDuplicateAnswer: () => count.duplicate(),
    settled: () => last,
  }
}

function knownOf(events: readonly EventEnvelope[]): readonly { readonly known: DeliberationEvent; readonly at: number }[] {
  return events.flatMap(({ type, data, at }) => {
    const known = deliberationEvent.safeParse({ type, data })
    return known.success ? [{ known: known.data, at }] : []
  })
}

type Answered = { readonly phase: CallPhase; readonly agent_id: string; readonly metrics: CallMetrics | null }

const RUN_SECONDS = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]
const PHASE_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]
const CALL_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

function createCounters(registry: Registry) {
  const registers = [registry]
  const runs = new Counter({
    name: 'signalbox_deliberations_total',
    help: 'Runs that ended.',
    labelNames: ['role', 'status'],
    registers,
  })
  const runSeconds = new Histogram({
    name: 'signalbox_deliberation_duration_seconds',
    help: 'From submit to end, of runs that completed.',
    labelNames: ['role'],
    buckets: RUN_SECONDS,
    registers,
  })
  const phaseSeconds = new Histogram({
    name: 'signalbox_phase_duration_seconds',
    help: 'Of phases that were closed by their answers or checks, not by the end of their run.',
    labelNames: ['phase'],
    buckets: PHASE_SECONDS,
    registers,
  })
  const responses = new Counter({
    name: 'signalbox_agent_responses_total',
    help: 'Answers of agents: completed, failed, or late, which is after their phase had closed.',
    labelNames: ['role', 'model', 'status'],
    registers,
  })
  const callSeconds = new Histogram({
    name: 'signalbox_agent_call_seconds',
    help: 'From the granted slot to the end of the call, as the worker measured it.',
    labelNames: ['model'],
    buckets: CALL_SECONDS,
    registers,
  })
  const tokens = new Counter({
    name: 'signalbox_agent_tokens_total',
    help: 'Tokens of all tries of a call, as the engine counted them.',
    labelNames: ['model', 'direction'],
    registers,
  })
  const checks = new Counter({
    name: 'signalbox_check_results_total',
    help: 'Checks of final texts.',
    labelNames: ['check', 'status'],
    registers,
  })
  const duplicates = new Counter({
    name: 'signalbox_collector_duplicates_total',
    help: 'Answers that came again and changed nothing.',
    registers,
  })

  function answer(facts: RunFacts, status: string, { phase, agent_id, metrics }: Answered): void {
    const model = (phase === 'select' ? facts.architectModel : facts.models.get(agent_id)) ?? 'unknown'
    responses.inc({ role: facts.role, model, status })
    if (!metrics) return
    callSeconds.observe({ model }, seconds(metrics.started_at, metrics.ended_at))
    tokens.inc({ model, direction: 'in' }, metrics.tokens_in)
    tokens.inc({ model, direction: 'out' }, metrics.tokens_out)
  }

  function closePhase({ openPhase }: RunFacts, at: number): void {
    if (openPhase) phaseSeconds.observe({ phase: openPhase.phase }, seconds(openPhase.since, at))
  }

  return {
    /** `facts` as they were before the event. */
    event({ type, data }: DeliberationEvent, facts: RunFacts, at: number): void {
      switch (type) {
        case 'deliberation.phase_started':
          return closePhase(facts, at)
        case 'deliberation.answered':
          return answer(facts, 'completed', data)
        case 'deliberation.call_failed':
          return answer(facts, 'failed', data)
        case 'deliberation.late_answer':
          return answer(facts, 'late', data)
        case 'deliberation.checked':
          for (const { check, status, score } of data.results.flatMap((one) => one.checks))
            // Names of additional checks are up to whoever submits.
            checks.inc({ check: score === undefined ? check : 'additional', status })
          return
        case 'deliberation.ended':
          if (data.reason === 'ranked') closePhase(facts, at)
          runs.inc({ role: facts.role, status: data.status })
          if (data.status === 'COMPLETED') runSeconds.observe({ role: facts.role }, seconds(facts.submittedAt, at))
          return
        case 'deliberation.submitted':
        case 'deliberation.ranked':
        case 'deliberation.selected':
        case 'deliberation.call_retried':
        case 'deliberation.baseline_started':
        case 'deliberation.baseline_skipped':
        case 'deliberation.measured':
        case 'deliberation.risk_changed':
        case 'deliberation.rounds_stopped':
        case 'deliberation.outcome_recorded':
        case 'deliberation.archived':
        case 'deliberation.restored':
        case 'deliberation.dismissed':
          return
      }
    },
    duplicate: () => duplicates.inc(),
  }
}

/** Clocks of two machines may disagree: never less than nothing. */
function seconds(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1000
}
