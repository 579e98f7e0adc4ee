import { describe, expect, it } from 'vitest'
import type { Baseline, Board } from '../shapes.ts'
import { restingDoing } from './agent-doing.ts'
import { ladderOf } from './ladder.ts'
import { isRetryable } from './retryable.ts'
import { totalInWords } from './standings-total.tsx'
import { standingsOf } from './standings.ts'
import { agent, board, call, failedCall, openCall, phase, start } from './test-board.ts'
import { verdictOf } from './verdict.ts'

const lost = failedCall('sample-1', 'propose', 0, 'timeout')
const sample = (call: Board['calls'][number]): Baseline['samples'][number] => ({
  sample_id: call.agent_id,
  call,
  content: null,
  checks: [],
  place: null,
})
const comparison: Baseline['comparison'] = {
  winner_score: null,
  best_score: null,
  best_id: null,
  finals_mean: null,
  samples_mean: null,
  gain: null,
  mean_gain: null,
  debate_tokens: 0,
  sample_tokens: 0,
  statement: '',
}

/** The debate is over, one sample failed and one is still out. */
const waiting = (check: 'planned' | 'running') =>
  board({
    spec: { baseline: { agents: [agent('sample-1'), agent('sample-2')], debate_tokens: 1, sample_tokens: 1 } },
    phases: [
      phase('propose', 0, { state: check === 'planned' ? 'running' : 'done', received: 3, started_at: start, ended_at: start }),
      phase('check', 0, { state: check }),
    ],
    baseline: { skipped: null, samples: [sample(lost), sample(openCall('sample-2', 'propose', 0))], comparison },
  })

describe('a sample of the baseline', () => {
  it('that failed can be drawn again until the texts are checked', () => {
    expect([waiting('planned'), waiting('running')].map((each) => isRetryable(each, lost))).toEqual([true, false])
  })

  it('is named as what the run waits for, once every answer of the phase is in', () => {
    const awaits = { what: ['awaits 1\u00a0sample'] }
    expect(ladderOf(waiting('planned'), start)[0]).toMatchObject(awaits)
    expect(ladderOf(waiting('running'), start)[0]).not.toMatchObject(awaits)
  })

  it('is what the run and its agents say they wait for then', () => {
    const held = waiting('planned')
    const standings = standingsOf(held)
    const [first] = standings.rows
    if (!first) return expect.unreachable('there are three agents')
    const said = [
      verdictOf(held, standings, start).sentence,
      restingDoing({ ...held, calls: [call(first.agentId, 'propose', 0)] }, first).sentence,
    ]
    expect(said.map((text) => text.replaceAll('\u00a0', ' '))).toEqual([
      'Proposing, 3 of 3 in; 1 sample of the baseline awaited',
      'Waits for 1 baseline sample',
    ])
  })

  it.each([
    [{ ended_at: null }, '3 of 12 calls ended, 2 retries; 10 s by the clock'],
    [{ ended_at: start + 60_000 }, '3 of 12 planned calls, 2 retries; 1 m 00 s by the clock'],
  ])('counts among the calls of the run: %j', (row, words) => {
    const held = { ...waiting('running'), calls: [call('agent-001', 'propose', 0), call('agent-002', 'propose', 0)] }
    expect(totalInWords({ ...held, row: { ...held.row, ...row } }).replaceAll('\u00a0', ' ')).toBe(words)
  })

  it('ends with the run as one of all its calls', () => {
    const held = waiting('running')
    const samples = [sample(call('sample-1', 'propose', 0)), sample(call('sample-2', 'propose', 0))]
    const ended = board({
      row: { ended_at: start + 60_000 },
      spec: { estimate: { ...held.spec.estimate, calls: 3 } },
      calls: [call('agent-001', 'propose', 0)],
      baseline: { skipped: null, samples, comparison },
    })
    expect(totalInWords(ended).replaceAll('\u00a0', ' ')).toBe('All 3 calls; 1 m 00 s by the clock')
  })
})
