import { describe, expect, it } from 'vitest'
import { board, ranked, start, version } from '../board/test-board.ts'
import { compareVerdict, measuresOf, scoresOf } from './comparison.ts'

const run = (id: string, score: number, took: number, cost: number) =>
  board({
    row: {
      task_id: id,
      status: 'COMPLETED',
      ended_at: start + took,
      leader_id: 'agent-001',
      score,
      cost_micro_usd: cost,
      outcome: 'accepted',
    },
    versions: [version('agent-001', 0, `Text of ${id}.`)],
    ranking: [ranked('agent-001', 1, score)],
    checks: [{ agent_id: 'agent-001', checks: [{ check: 'lint', status: 'passed', message: '', warnings: 0 }] }],
    selection: { by: 'rank', agent_id: 'agent-001', reason: '', architect_error: null },
  })
const a = run('a', 0.8, 60_000, 1000)
const b = run('b', 0.9, 90_000, 0)

describe('two runs side by side', () => {
  it('say who scored higher, and that the two scores have no common scale', () => {
    expect(compareVerdict(a, b)).toMatchObject({ sentence: 'B scores higher: 0.90 to 0.80' })
    expect(compareVerdict(a, a).sentence).toBe('Both winners score 0.80')
    expect(compareVerdict(a, board()).sentence).toBe('Only A has a scored winner')
  })

  it('show time, tokens and cost with the difference, and nothing where there is no number to compare with', () => {
    const lines = new Map(measuresOf(a, b).map((each) => [each.name, [each.a, each.b, each.difference]]))
    expect(lines.get('Time')).toEqual(['1\u00a0m 00\u00a0s', '1\u00a0m 30\u00a0s', '+50 %'])
    expect(lines.get('Cost, settled')).toEqual(['$0.001', '$0', '−100 %'])
    expect(lines.get('Checks of the winner')).toEqual(['lint passed', 'lint passed', 'the same'])
    expect(measuresOf(a, board()).find((each) => each.name === 'Time')).toMatchObject({ b: null, difference: '' })
  })

  it('set the winners’ scores against each other by criterion', () => {
    expect(scoresOf(a, b).map(({ name, difference }) => [name, difference])).toEqual([
      ['Score', '+0.10'],
      ['Checks', 'the same'],
      ['Rubric', '+0.10'],
      ['Correctness', '+0.10'],
      ['Safety', '+0.10'],
    ])
  })
})
