import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { DeliberationEvent } from '../../messages/deliberation-events.ts'
import type { DeadlineRisk } from '../../messages/deliberation-risk.ts'
import { runQuery } from '../../messages/deliberation-query.ts'
import type { RunSpec } from '../../messages/deliberation.ts'
import type { Outcome } from '../../messages/outcome.ts'
import { TOMBSTONE_TYPE } from '../../messages/envelope.ts'
import { deliberationFold } from './fold.ts'
import { deliberationQueries } from './queries.ts'
import { deliberationTables } from './tables.ts'

const envelope = { actor: 'retention', tenant: 'local', schema: 1 }
const t = (name: string): string => `v1_${name}`
const agent = (agent_id: string) => ({
  agent_id,
  model: { engine_id: 'e', model: 'm' },
  label: 'M',
  starter: false,
  temperature: 0.7,
  persona: null,
  diversity: false,
  max_tokens: 100,
  context_tokens: 4096,
  price_in: 1_000_000,
  price_out: 2_000_000,
})
const planned = (phase: 'propose' | 'check', calls: number) => ({
  phase,
  round: 0,
  calls,
  tokens_in: 0,
  tokens_out: 0,
  duration_ms: 100,
  cost_micro_usd: 0,
})
const spec: RunSpec = {
  task_id: 'dlb-1',
  title: 'Retry policy',
  task: 'T',
  attachments: [],
  role: 'developer',
  role_title: 'Developer',
  persona: 'P',
  agents: [agent('a'), agent('b')],
  architect: null,
  architect_k: 3,
  rounds: 0,
  seed: 1,
  rubric: [{ name: 'Correctness', weight: 1 }],
  requirements: [],
  required_sections: [],
  peer_review: false,
  revision_by: 'author',
  peer_scoring: false,
  rubric_weight: 0.5,
  quorum: null,
  consensus_stop: false,
  consensus_cosine: null,
  baseline: null,
  prompts_version: 'v',
  starter: false,
  limits: { timeout_ms: 1000, call_timeout_ms: 1000, max_retries: 0, tokens: null, cost_micro_usd: null },
  deadline: 10_000,
  estimate: {
    phases: [planned('propose', 2), planned('check', 0)],
    baseline: null,
    calls: 2,
    tokens_in: 0,
    tokens_out: 0,
    duration_ms: 200,
    duration_worst_ms: 200,
    cost_micro_usd: 0,
    cost_worst_micro_usd: 0,
    basis: '',
  },
  rerun_of: null,
  council_id: null,
  metadata: {},
}
const metrics = {
  tokens_in: 10,
  tokens_out: 20,
  queued_at: 1,
  started_at: 1000,
  first_token_at: 1000,
  ended_at: 3000,
  attempts: 1,
}

function folded(events: readonly DeliberationEvent[]) {
  const db = new Database(':memory:')
  db.exec(deliberationTables(t))
  const apply = deliberationFold(db, t)
  events.forEach((event, index) =>
    apply('dlb-1', { id: `e${index}`, at: 1000 + index, actor: 'x', tenant: 'local', schema: 1, ...event }),
  )
  return { apply, queries: deliberationQueries(db, t) }
}

const begun: DeliberationEvent[] = [
  { type: 'deliberation.submitted', data: { spec } },
  { type: 'deliberation.phase_started', data: { phase: 'propose', round: 0, expected: ['a', 'b'] } },
  {
    type: 'deliberation.answered',
    data: {
      round: 0,
      phase: 'propose',
      agent_id: 'a',
      contribution: { kind: 'proposal', content: 'Text of a' },
      reasoning: null,
      served_model: 'm',
      truncated: false,
      repaired: false,
      degraded: null,
      metrics,
    },
  },
]
const failed: DeliberationEvent = {
  type: 'deliberation.call_failed',
  data: {
    round: 0,
    phase: 'propose',
    agent_id: 'b',
    error: 'HTTP 503',
    error_type: 'server_error',
    content: null,
    metrics: { ...metrics, tokens_out: 0 },
  },
}
const checks: DeliberationEvent[] = [
  { type: 'deliberation.phase_started', data: { phase: 'check', round: 0, expected: ['a'] } },
  { type: 'deliberation.checked', data: { results: [{ agent_id: 'a', checks: [] }] } },
]
const ended: DeliberationEvent = {
  type: 'deliberation.ended',
  data: { status: 'COMPLETED', reason: 'ranked', partial: true, winner_id: 'a', message: 'One failed.' },
}

describe('the tables of deliberations', () => {
  it('count what a run used, by the prices it was launched with', () => {
    const row = folded([...begun, failed]).queries.row('dlb-1', 2000)
    expect(row).toMatchObject({
      status: 'IN_PROGRESS',
      failed_agents: 1,
      tokens_in: 20,
      tokens_out: 20,
      cost_micro_usd: 60,
      steps_done: 0,
      steps_total: 2,
    })
  })

  it('show texts, failed calls and closed phases on the board', () => {
    const found = folded([...begun, failed, ...checks, ended]).queries.board('dlb-1', 2000)
    const board = found.kind === 'board' ? found.board : undefined
    expect({
      texts: board?.versions.map((one) => one.content),
      calls: board?.calls.map((call) => [call.agent_id, call.status, call.error]),
      phases: board?.phases.map(({ phase, state, expected, received, failed: lost }) => [phase, state, expected, received, lost]),
    }).toEqual({
      texts: ['Text of a'],
      calls: [
        ['a', 'done', null],
        ['b', 'failed', 'HTTP 503'],
      ],
      phases: [
        ['propose', 'done', 2, 1, 1],
        ['check', 'done', 1, 1, 0],
      ],
    })
  })

  it('say of calls that were open at the end that nobody answered them', () => {
    const found = folded([...begun, { ...ended, data: { ...ended.data, status: 'TIMEOUT', reason: 'deadline' } }]).queries.board(
      'dlb-1',
      2000,
    )
    expect(found.kind === 'board' && found.board.calls.map((call) => [call.status, call.error_type])).toEqual([
      ['done', null],
      ['failed', 'timeout'],
    ])
  })

  it('keep a call that its phase closed without as late, and book its answer when it comes', () => {
    const critique: DeliberationEvent = {
      type: 'deliberation.phase_started',
      data: { phase: 'check', round: 0, expected: ['a'] },
    }
    const late: DeliberationEvent = {
      type: 'deliberation.late_answer',
      data: { round: 0, phase: 'propose', agent_id: 'b', kind: 'completed', metrics },
    }
    const callOfB = (events: readonly DeliberationEvent[]) => {
      const { queries } = folded([...begun, critique, ...events])
      const found = queries.board('dlb-1', 2000)
      const call = found.kind === 'board' ? found.board.calls.find((one) => one.agent_id === 'b') : undefined
      const row = queries.row('dlb-1', 2000)
      return [call?.status, call?.ended_at, call?.tokens_out, row?.failed_agents, row?.tokens_out]
    }
    expect(callOfB([])).toEqual(['late', null, null, 1, 20])
    expect(callOfB([late])).toEqual(['late', 3000, 20, 1, 40])
    expect(callOfB([ended, late])).toEqual(['late', 1004, null, 1, 20])
  })

  it('open a failed call again when it is made again, with what its earlier attempt used and why it failed', () => {
    const again: DeliberationEvent = {
      type: 'deliberation.call_retried',
      data: { round: 0, phase: 'propose', agent_id: 'b', attempt: 2, command_id: 'command-1' },
    }
    const answer: DeliberationEvent = {
      type: 'deliberation.answered',
      data: { ...(begun[2] as Extract<DeliberationEvent, { type: 'deliberation.answered' }>).data, agent_id: 'b', attempt: 2 },
    }
    const of = (events: readonly DeliberationEvent[]) => {
      const { queries } = folded([...begun, failed, ...events])
      const found = queries.board('dlb-1', 2000)
      const call = found.kind === 'board' ? found.board.calls.find((one) => one.agent_id === 'b') : undefined
      const phase = found.kind === 'board' ? found.board.phases[0] : undefined
      const row = queries.row('dlb-1', 2000)
      return [call?.id, call?.status, call?.tokens_in, call?.earlier.length, phase?.failed, row?.failed_agents, row?.tokens_in]
    }
    expect(of([])).toEqual(['dlb-1.0.propose.b', 'failed', 10, 0, 1, 1, 20])
    expect(of([again])).toEqual(['dlb-1.0.propose.b.2', 'open', 10, 1, 0, 0, 20])
    expect(of([again, again, failed])).toEqual(of([again]))
    expect(of([again, answer])).toEqual(['dlb-1.0.propose.b.2', 'done', 20, 1, 0, 0, 30])
    expect(of([...checks, again])[1]).toBe('failed')
  })

  it('skip the rounds that a run left out, and say why', () => {
    const stopped = { round: 0, reason: 'unchanged' as const, mean_cosine: null, message: 'Nothing changed.' }
    const phases = [...spec.estimate.phases, { ...planned('propose', 2), phase: 'critique' as const, round: 1 }]
    const longer: DeliberationEvent = {
      type: 'deliberation.submitted',
      data: { spec: { ...spec, estimate: { ...spec.estimate, phases } } },
    }
    const found = folded([longer, { type: 'deliberation.rounds_stopped', data: stopped }]).queries.board('dlb-1', 2000)
    const board = found.kind === 'board' ? found.board : undefined
    expect(board?.rounds_stopped).toEqual(stopped)
    expect(board?.phases.map((phase) => phase.state)).toEqual(['planned', 'planned', 'skipped'])
  })

  it('are measured beside their checks; a measure before a further round is not theirs', () => {
    const measures = {
      embedding_model: 'all-MiniLM-L6-v2',
      diversity: 0.2,
      first_diversity: 0.3,
      relevance: 0.6,
      truncated: 0,
      tokens: 9,
      counted: false,
      cost_micro_usd: 0,
      reason: null,
    }
    const taken = (at: 'round' | 'check'): DeliberationEvent => ({
      type: 'deliberation.measured',
      data: { ...measures, at, round: 0 },
    })
    const measuresOf = (events: readonly DeliberationEvent[]) => {
      const found = folded([...begun, ...events]).queries.board('dlb-1', 2000)
      return found.kind === 'board' ? found.board.measures : undefined
    }
    expect(measuresOf([taken('round')])).toBeNull()
    expect(measuresOf([taken('check'), ended])).toEqual(measures)
    expect(measuresOf([ended])).toMatchObject({ diversity: null, reason: 'The run ended without its texts being measured.' })
  })

  it('have the tokens and the cost of a measure in their totals where it counts', () => {
    const taken = (counted: boolean): DeliberationEvent => ({
      type: 'deliberation.measured',
      data: {
        ...{ at: 'check', round: 0, embedding_model: 'e', diversity: 0, first_diversity: 0, relevance: 0, truncated: 0 },
        ...{ tokens: 9, counted, cost_micro_usd: counted ? 5 : 0, reason: null },
      },
    })
    const totals = (events: readonly DeliberationEvent[]) => {
      const { queries } = folded(events)
      const found = queries.board('dlb-1', 2000)
      if (found.kind !== 'board') return []
      return [found.board.row.tokens_in, found.board.row.cost_micro_usd, queries.spendSince(0).costMicroUsd]
    }
    const [tokens = 0, cost = 0, spend = 0] = totals([...begun, ended])
    expect(totals([...begun, taken(false), ended])).toEqual([tokens, cost, spend])
    expect(totals([...begun, taken(true), ended])).toEqual([tokens + 9, cost + 5, spend + 5])
  })

  it('are listed with what they are searched by', () => {
    const { queries } = folded([...begun, ended])
    const found = (text: string) => queries.list.all(runQuery.parse({ filter: { text, model: ['m'] } })).length
    expect([found('RETRY'), found('dlb-1'), found('developer'), found('nothing'), queries.list.models()]).toEqual([
      1,
      1,
      1,
      0,
      ['M'],
    ])
  })

  it('lay the tokens of a call over the time it took, and leave gaps where nothing was generated', () => {
    expect(folded(begun).queries.tokenRates(0, 1000, 5)).toEqual([null, 10, 10, null, null])
  })

  it('tell of the end of a run once', () => {
    expect(
      folded([...begun, ended])
        .queries.notices(10)
        .map((one) => [one.severity, one.title, one.body]),
    ).toEqual([['warn', 'Done, a wins (partial)', 'Retry policy: One failed.']])
  })

  describe('that may miss their deadline', () => {
    const risk = (from: DeadlineRisk, to: DeadlineRisk): DeliberationEvent => ({
      type: 'deliberation.risk_changed',
      data: { from, to, expected_end: [9000, 11_000], why: 'Probably done 1 s before the deadline, 1 s late at worst.' },
    })
    const atRisk = risk('on_track', 'at_risk')
    const late = risk('at_risk', 'breaching')

    it.each<[string, DeliberationEvent[], string | null, boolean]>([
      ['are on track until something else is told', [], 'on_track', false],
      ['are at risk, with the reason', [atRisk], 'at_risk', true],
      ['are breaching', [atRisk, late], 'breaching', true],
      ['are on track again without a reason', [atRisk, risk('at_risk', 'on_track')], 'on_track', false],
      ['stand nowhere once they have ended', [atRisk, ended, late], null, false],
    ])('%s', (_, events, deadline_risk, hasReason) => {
      const row = folded([...begun, ...events]).queries.row('dlb-1', 2000)
      expect(row).toMatchObject({ deadline_risk })
      expect([row?.risk_why !== null, row?.risk_since !== null]).toEqual([hasReason, hasReason])
    })

    it('are told of once each time it gets worse', () => {
      const { queries } = folded([...begun, atRisk, late, risk('breaching', 'at_risk')])
      expect(queries.notices(10).map((one) => [one.severity, one.title])).toEqual([
        ['bad', 'Will miss its deadline'],
        ['warn', 'At risk of missing its deadline'],
      ])
      expect(queries.notices(1)[0]?.body).toBe('Retry policy: Probably done 1 s before the deadline, 1 s late at worst.')
    })
  })

  it('say how long the newest answers of a model were in each phase, those of purged runs included', () => {
    const [, , answered] = begun
    if (answered?.type !== 'deliberation.answered') return expect.unreachable('the third event is an answer')
    const { apply, queries } = folded([])
    const sizes = [999, ...Array.from({ length: 200 }, (_, i) => i + 1)]
    for (const [n, tokens_out] of sizes.entries()) {
      const taskId = `dlb-${n}`
      const data = { ...answered.data, metrics: { ...metrics, tokens_out } }
      const events = [
        { type: 'deliberation.submitted' as const, data: { spec: { ...spec, task_id: taskId } } },
        begun[1]!,
        { ...answered, data },
      ]
      for (const [at, event] of events.entries()) apply(taskId, { ...envelope, id: `${n}.${at}`, at, ...event })
      apply(taskId, { ...envelope, id: `${n}.x`, type: TOMBSTONE_TYPE, at: 9000, data: {} })
    }
    expect(queries.answerSizes({ engine_id: 'e', model: 'm' })).toEqual([{ phase: 'propose', calls: 200, mean: 100.5, p90: 180 }])
    expect(queries.answerSizes({ engine_id: 'other', model: 'm' })).toEqual([])
  })

  it('keep a purged run as expired, not as unknown, and out of every list', () => {
    const { apply, queries } = folded([...begun, ended])
    apply('dlb-1', { ...envelope, id: 'x', type: TOMBSTONE_TYPE, at: 9000, data: {} })
    expect([queries.board('dlb-1', 0).kind, queries.board('dlb-2', 0).kind, queries.list.all(runQuery.parse({})).length]).toEqual(
      ['expired', 'unknown', 0],
    )
  })

  it('have the calls of a purged run from its tombstone alone when they are built anew, and once where they are there', () => {
    const calls = [{ call: '0.propose.a', started_at: 1000, ended_at: 3000, tokens_out: 20, cost_micro_usd: 50 }]
    const tombstone = { ...envelope, id: 'x', type: TOMBSTONE_TYPE, at: 9000, data: { status: 'COMPLETED', calls } }
    const [standing, anew] = [folded([...begun, ended]), folded([])]
    const figures = ({ queries }: typeof anew) => [
      queries.spendSince(0).costMicroUsd,
      queries.tokenRates(0, 1000, 5),
      queries.performance(0, 9999).calls,
    ]
    const before = figures(standing)
    for (const tables of [standing, anew]) tables.apply('dlb-1', tombstone)
    expect([figures(standing), figures(anew)]).toEqual([before, before])
  })

  it('show what a person said last of the result, and keep what was said before', () => {
    const said = (outcome: Outcome): DeliberationEvent => ({ type: 'deliberation.outcome_recorded', data: { outcome } })
    const base = { agent_id: 'a', rating: null, by: 'operator' }
    const rejected: Outcome = { ...base, verdict: 'rejected', reason: 'No backoff.' }
    const corrected: Outcome = { ...base, verdict: 'corrected', rating: 4, correction: 'Back off.' }
    const { queries } = folded([...begun, ended, said(rejected), said(corrected)])
    const found = queries.board('dlb-1', 2000)
    expect(queries.row('dlb-1', 2000)).toMatchObject({ status: 'COMPLETED', outcome: 'corrected' })
    expect(found.kind === 'board' && found.board.outcomes).toEqual([
      { at: 1004, outcome: rejected },
      { at: 1005, outcome: corrected },
    ])
  })

  it('pass over events of a newer version', () => {
    const { apply, queries } = folded(begun)
    apply('dlb-1', { id: 'x', type: 'deliberation.sung', at: 1, actor: 'x', tenant: 'local', schema: 9, data: { song: true } })
    expect(queries.row('dlb-1', 0)?.status).toBe('IN_PROGRESS')
  })
})
