import { describe, expect, it } from 'vitest'
import type { Board } from '../shapes.ts'
import { standingsOf } from './standings.ts'
import { agent, board, call, critique, failedCall, phase, ranked, start, version } from './test-board.ts'
import { verdictOf } from './verdict.ts'

const minute = 60_000
const say = (held: Board, now = start + minute) => {
  const verdict = verdictOf(held, standingsOf(held), now)
  return { ...verdict, sentence: plain(verdict.sentence), why: plain(verdict.why) }
}
const plain = (text: string) => text.replaceAll('\u00a0', ' ')
const scored = [ranked('agent-002', 1, 0.92), ranked('agent-001', 2, 0.86), ranked('agent-003', 3, 0.57)]
const ended = {
  status: 'COMPLETED',
  ended_at: start + 2 * minute,
  end_reason: 'ranked',
  expected_end: null,
  deadline_risk: null,
} as const

describe('the verdict of a running run', () => {
  it.each<[string, Board, string]>([
    ['waits for its first agent', board({ row: { status: 'PENDING' } }), 'Accepted; no agent has begun yet'],
    [
      'counts the proposals that are in',
      board({ phases: [phase('propose', 0, { state: 'running', received: 2 })] }),
      'Proposing, 2 of 3 in',
    ],
    [
      'names the round and what failed in it',
      board({ phases: [phase('revise', 1, { state: 'running', received: 1, failed: 1 })] }),
      'Round 1 of 1, revising, 1 of 3 in, 1 failed',
    ],
    [
      'names the leader by the critics’ marks before peers have scored',
      board({ critiques: [critique('agent-001', 'agent-002', 1, 0.9), critique('agent-002', 'agent-003', 1, 0.6)] }),
      'agent-002 leads 0.90 to 0.60 by the critics’ marks',
    ],
    ['names the leader of the ranking', board({ ranking: scored }), 'agent-002 leads 0.92 to 0.86'],
    [
      'says when two are level',
      board({ ranking: [ranked('agent-001', 1, 0.861), ranked('agent-002', 2, 0.859)] }),
      'agent-001 and agent-002 are level at 0.86',
    ],
    [
      'says that the deadline will be missed',
      board({ row: { deadline_risk: 'breaching' }, ranking: scored }),
      'agent-002 leads 0.92 to 0.86; it will not be done by its deadline',
    ],
  ])('%s', (_, held, sentence) => {
    expect(say(held).sentence).toBe(sentence)
  })

  it('says why it may be late, and when that was seen', () => {
    const row = {
      deadline_risk: 'at_risk',
      risk_why: 'Its phases take 2.0 times as long as estimated.',
      risk_since: start,
    } as const
    expect(say(board({ row })).why).toMatch(/Seen at \d\d:\d\d.*: Its phases take 2\.0 times as long as estimated\./)
  })

  it('explains the end it expects, the deadline and what was spent', () => {
    const limits = { timeout_ms: 1, call_timeout_ms: 1, max_retries: 2, tokens: 5000, cost_micro_usd: 500_000 }
    const { why } = say(
      board({ ranking: scored, spec: { limits }, phases: [phase('score', 1, { state: 'running', received: 1 })] }),
    )
    expect(why).toMatch(
      /^Scoring, 1 of 3 in\. Done \d\d:\d\d \(by \d\d:\d\d\), deadline \d\d:\d\d\. 1,000 of 5,000 tokens, \$0\.043 of \$0\.50\d? spent\./,
    )
  })

  it('does not promise an end that has passed', () => {
    expect(say(board(), start + 6 * minute).why).toMatch(/^Done \d\d:31 \(by \d\d:32\),/)
    expect(say(board(), start + 8 * minute).why).toMatch(/^Was expected to be done by \d\d:32,/)
  })

  it('names one time where the likely end and the worst are a minute, and none while there is nothing to go by', () => {
    const close = { expected_end: start + 300_000, expected_end_p90: start + 310_000 }
    expect(say(board({ row: close })).why).toMatch(/^Done about \d\d:30,/)
    expect(say(board({ row: { expected_end: null, expected_end_p90: null } })).why).toMatch(/^Its end is still being estimated,/)
  })
})

describe('the verdict of an ended run', () => {
  it.each<[string, Board, string]>([
    ['says when a run ended without one', board({ row: ended }), 'Done, without a winner'],
    [
      'names the winner by rank',
      board({ row: { ...ended, leader_id: 'agent-002' }, ranking: scored }),
      'agent-002 wins: 0.92 to 0.86 for agent-001',
    ],
    [
      'names the architect’s choice and its rank',
      board({
        row: ended,
        ranking: scored,
        selection: { by: 'architect', agent_id: 'agent-001', reason: '', architect_error: null },
      }),
      'agent-001 wins: the architect’s choice, ranked 2 by score',
    ],
    [
      'says when nothing but order decided',
      board({ row: { ...ended, leader_id: 'agent-001' }, ranking: [ranked('agent-001', 1, null)] }),
      'agent-001 wins, unscored: nothing but the order of checks and tokens tells the proposals apart',
    ],
    [
      'says what a timeout left',
      board({ row: { ...ended, status: 'TIMEOUT', end_reason: 'deadline' }, ranking: scored.slice(0, 2) }),
      'Timed out after 2 m 00 s: 2 of 3 proposals ranked, agent-002 is first',
    ],
    [
      'says what a cancelled run kept',
      board({ row: { ...ended, status: 'CANCELLED', end_reason: 'cancelled' }, versions: [version('agent-001', 0, 'x')] }),
      'Cancelled after 2 m 00 s: 1 finished text kept, none ranked',
    ],
    [
      'gives every cause when all agents failed',
      board({
        row: { ...ended, status: 'FAILED', end_reason: 'all_failed' },
        calls: [
          failedCall('agent-001', 'propose', 0, 'server_error'),
          failedCall('agent-002', 'propose', 0, 'timeout'),
          failedCall('agent-003', 'propose', 0, 'server_error'),
        ],
      }),
      'Failed: all 3 agents gave no proposal (server error ×2, timed out)',
    ],
    [
      'names the limit that stopped it',
      board({
        row: { ...ended, status: 'FAILED', end_reason: 'token_limit' },
        spec: { limits: { timeout_ms: 1, call_timeout_ms: 1, max_retries: 0, tokens: 2000, cost_micro_usd: null } },
      }),
      'Stopped at its limit of 2,000 tokens',
    ],
    [
      'passes on a fatal error',
      board({ row: { ...ended, status: 'FAILED', end_reason: 'fatal', message: 'The prompts are gone.' } }),
      'Failed: The prompts are gone.',
    ],
  ])('%s', (_, held, sentence) => {
    expect(say(held).sentence).toBe(sentence)
  })

  it('says how many agents gave nothing', () => {
    const held = board({
      row: { ...ended, leader_id: 'agent-002', partial: true, failed_agents: 1 },
      ranking: scored.slice(0, 2),
    })
    expect(say(held)).toMatchObject({ tone: 'warn' })
    expect(say(held).why).toContain('1 of 3 agents gave no proposal.')
  })
})

describe('the standings', () => {
  it('preview the critics’ last marks by the weights of the rubric, and rank no one who has none', () => {
    const entry = critique('agent-001', 'agent-002', 1, 0.5)
    entry.critique.criteria = [
      { name: 'Correctness', score: 1, comment: '' },
      { name: 'safety', score: 0, comment: '' },
    ]
    const { basis, rows } = standingsOf(board({ critiques: [entry] }))
    expect(basis).toBe('critics')
    expect(rows.map((row) => [row.agentId, row.rank, row.score])).toEqual([
      ['agent-002', 1, 0.6],
      ['agent-001', null, null],
      ['agent-003', null, null],
    ])
  })

  it('count a check that was skipped for nothing', () => {
    const checks = [
      { check: 'policy', status: 'passed' as const, message: '', warnings: 0 },
      { check: 'lint', status: 'failed' as const, message: '', warnings: 0 },
      { check: 'dryrun', status: 'skipped' as const, message: '', warnings: 0 },
    ]
    const held = board({ checks: [{ agent_id: 'agent-001', checks }], critiques: [critique('agent-003', 'agent-001', 1, 0.8)] })
    expect(standingsOf(held).rows[0]).toMatchObject({ agentId: 'agent-001', checksScore: 0.5, score: 0.65 })
  })

  it('add up what an agent used and put agents without a proposal last', () => {
    const held = board({
      spec: { agents: [agent('agent-001'), agent('agent-002')] },
      calls: [
        failedCall('agent-001', 'propose', 0, 'timeout'),
        call('agent-002', 'propose', 0),
        call('agent-002', 'critique', 1),
      ],
    })
    const { rows } = standingsOf(held)
    expect(rows.map((row) => row.agentId)).toEqual(['agent-002', 'agent-001'])
    expect(rows[0]).toMatchObject({ tokensIn: 200, tokensOut: 100, busyMs: 18_000, costMicroUsd: 20, failed: false })
    expect(rows[1]?.failed).toBe(true)
  })
})
