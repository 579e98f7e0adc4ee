import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compare } from './rank.ts'
import { selectByRank } from './selection.ts'
import { completed, goodReply, play, sampleSpec } from './sample-runs.ts'
import type { RankedProposal } from './types.ts'

function proposal(agent_id: string, more: Partial<RankedProposal> = {}): RankedProposal {
  return {
    agent_id,
    rank: 1,
    score: 0.5,
    checks_score: 0.5,
    rubric_score: 0.5,
    score_source: 'stated',
    unscored: false,
    scorers: 2,
    criteria: [],
    requirements: [],
    lint_warnings: 0,
    tokens_out: 100,
    ...more,
  }
}

test.each<{ by: string; first: RankedProposal; second: RankedProposal }>([
  { by: 'score', first: proposal('b', { score: 0.6 }), second: proposal('a', { score: 0.5 }) },
  { by: 'having a score at all', first: proposal('b', { score: 0 }), second: proposal('a', { score: null }) },
  { by: 'rubric score', first: proposal('b', { rubric_score: 0.6 }), second: proposal('a') },
  { by: 'having a rubric score', first: proposal('b'), second: proposal('a', { rubric_score: null }) },
  { by: 'fewer lint warnings', first: proposal('b'), second: proposal('a', { lint_warnings: 1 }) },
  { by: 'fewer output tokens', first: proposal('b', { tokens_out: 99 }), second: proposal('a') },
  { by: 'agent id', first: proposal('a'), second: proposal('b') },
])('ranks by $by', ({ first, second }) => {
  expect([second, first].sort(compare)).toEqual([first, second])
})

test('scores that differ only by the rounding of a sum are level', () => {
  expect(compare(proposal('a', { score: 0.1 + 0.2 }), proposal('b', { score: 0.3 }))).toBeLessThan(0)
  expect(compare(proposal('a', { score: 0.3 }), proposal('b', { score: 0.1 + 0.2 }))).toBeLessThan(0)
})

test('check 4: the ranking does not depend on the order of arrival', () => {
  const part = fc.oneof(fc.constant(null), fc.constantFrom(0, 0.25, 0.5))
  const any = fc.uniqueArray(
    fc.record({ id: fc.stringMatching(/^[a-z]{1,3}$/), score: part, rubric: part, lint: fc.nat(1), tokens: fc.nat(1) }),
    { selector: (each) => each.id, maxLength: 6 },
  )
  fc.assert(
    fc.property(any, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), (made, dice) => {
      const proposals = made.map((each) =>
        proposal(each.id, { score: each.score, rubric_score: each.rubric, lint_warnings: each.lint, tokens_out: each.tokens }),
      )
      const shuffled = proposals.map((each, i) => ({ each, at: dice[i] ?? 0 })).sort((a, b) => a.at - b.at)
      expect(shuffled.map(({ each }) => each).sort(compare)).toEqual(proposals.toSorted(compare))
    }),
  )
})

test('check 4: a proposal with broken YAML ranks below a sound one, whichever came first', () => {
  for (const reversed of [false, true]) {
    const broken = 'agent-developer-001'
    const { state } = play(sampleSpec({ rounds: 0 }), {
      checks: (now) => {
        const all = [...now.texts.keys()].map((agent_id) => ({
          agent_id,
          checks: [
            { check: 'lint', status: agent_id === broken ? ('failed' as const) : ('passed' as const), message: '', warnings: 0 },
          ],
        }))
        return reversed ? all.reverse() : all
      },
    })
    expect(state.ranking?.at(-1)).toMatchObject({ agent_id: broken, rank: 3, checks_score: 0, rubric_score: 0.5, score: 0.25 })
    expect(state.ended?.winner_id).toBe('agent-developer-002')
  }
})

test('the reason of a selection by rank comes from the numbers', () => {
  const on = (name: string, weight: number, score: number) => ({ name, weight, score, reasons: [] })
  const first = proposal('a', { score: 0.812, criteria: [on('Correctness', 0.6, 0.9), on('Clarity', 0.4, 0.9)] })
  const second = proposal('b', { score: 0.7, criteria: [on('Correctness', 0.6, 0.8), on('Clarity', 0.4, 0.8)] })
  expect(selectByRank([first, second])).toEqual({ by: 'rank', agent_id: 'a', reason: 'Highest score 0.81; best on Correctness.' })
  expect(selectByRank([first]).reason).toBe('The only proposal, score 0.81.')
  expect(selectByRank([proposal('a', { tokens_out: 9 }), proposal('b')]).reason).toBe(
    'Score 0.50, level with b; decided by fewer output tokens.',
  )
  expect(
    selectByRank([proposal('a', { score: null, rubric_score: null }), proposal('b', { score: null, rubric_score: null })]).reason,
  ).toBe('No score could be given; decided by agent id.')
})

test('check 3: what nobody checked or scored is unscored, not zero', () => {
  const { state } = play(sampleSpec({ peer_scoring: false, rounds: 0 }), { checks: () => [] })
  expect(state.ranking?.map(({ score, unscored }) => ({ score, unscored }))).toEqual(
    Array(3).fill({ score: null, unscored: true }),
  )
  expect(state.ended?.status).toBe('COMPLETED')
})

test('peers decide where the checks are level', () => {
  const best = 'agent-developer-003'
  const { state } = play(sampleSpec(), {
    answer: (now, order) =>
      completed(
        now,
        order,
        goodReply(now, order, (id) => (id === best ? 9 : 4)),
      ),
  })
  expect(state.ranking?.[0]).toMatchObject({ agent_id: best, rubric_score: 0.9, checks_score: 1, score: 0.95, scorers: 2 })
  expect(state.selection).toEqual({
    by: 'rank',
    agent_id: best,
    reason: 'Highest score 0.95; best on Correctness.',
    architect_error: null,
  })
})
