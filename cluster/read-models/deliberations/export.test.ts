import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { completed, failed, goodReply, play, sampleBaseline, sampleSpec } from '../../domain/deliberation/sample-runs.ts'
import type { RunEvent } from '../../domain/deliberation/types.ts'
import { deliberationExport } from '../../messages/deliberation-export.ts'
import { resultOf } from '../../app/commands/result.ts'
import { deliberationResult } from '../../messages/deliberation-result.ts'
import type { DeliberationBoard } from '../../messages/deliberation-views.ts'
import { exportRun } from './export.ts'
import { deliberationFold } from './fold.ts'
import { deliberationQueries } from './queries.ts'
import { reportOf } from './report.ts'
import { deliberationTables } from './tables.ts'

const t = (name: string): string => `v1_${name}`

/** The board of a run as the tables have it. */
function boardOf(events: readonly RunEvent[]): DeliberationBoard {
  const db = new Database(':memory:')
  db.exec(deliberationTables(t))
  const fold = deliberationFold(db, t)
  const start = Date.UTC(2026, 6, 16, 12)
  for (const [at, event] of events.entries())
    fold('dlb-1', { id: `e${at}`, at: start + at * 1000, actor: 'spec', tenant: 'local', schema: 1, ...event })
  const found = deliberationQueries(db, t).board('dlb-1', start)
  if (found.kind !== 'board') throw new Error('The run has no board.')
  return found.board
}

const measured: RunEvent = {
  type: 'deliberation.measured',
  data: {
    at: 'check',
    round: 1,
    embedding_model: 'all-MiniLM-L6-v2',
    diversity: 0.12,
    first_diversity: 0.31,
    relevance: 0.58,
    truncated: 1,
    tokens: 900,
    counted: true,
    cost_micro_usd: 20_000,
    reason: null,
  },
}
const ended = play(
  sampleSpec({ requirements: [{ id: 'R1', text: 'Never charge twice.' }], task: '# Retry\n\nSay `when`:\n\n```yaml\na: 1\n```' }),
  {
    answer: (state, order) =>
      completed(
        state,
        order,
        goodReply(state, order, (author) => (author.endsWith('2') ? 8 : 5)),
      ),
  },
).events.flatMap((event): RunEvent[] => (event.type === 'deliberation.checked' ? [measured, event] : [event]))
const said: RunEvent[] = [
  {
    type: 'deliberation.outcome_recorded',
    data: { outcome: { verdict: 'rejected', agent_id: 'agent-developer-002', rating: 2, by: 'ann', reason: 'No cap.' } },
  },
  {
    type: 'deliberation.outcome_recorded',
    data: { outcome: { verdict: 'corrected', agent_id: 'agent-developer-002', rating: null, by: 'ann', correction: 'Cap it.' } },
  },
]

const withBaseline = play(sampleSpec({ baseline: sampleBaseline(3), rounds: 0 }), {
  answer: (state, order) =>
    order.agent_id === 'sample-03'
      ? failed(state, order)
      : completed(
          state,
          order,
          goodReply(state, order, (id) => (id === 'sample-01' ? 8 : id.endsWith('2') ? 7 : 5)),
        ),
}).events

describe('the baseline of a run', () => {
  const { baseline, ...board } = boardOf(withBaseline)

  it('stands beside the board, and none of it within', () => {
    const ids = [
      ...board.calls.map((call) => call.agent_id),
      ...board.versions.map((version) => version.agent_id),
      ...board.checks.map((each) => each.agent_id),
      ...board.ranking.map((place) => place.agent_id),
      ...board.scores.flatMap((given) => given.scores.map((each) => each.author_id)),
    ]
    expect(ids.filter((id) => id.startsWith('sample-'))).toEqual([])
    expect(board.row.failed_agents).toBe(0)
    expect(baseline?.samples.map(({ sample_id, call, place }) => [sample_id, call.status, place?.rank])).toEqual([
      ['sample-01', 'done', 1],
      ['sample-02', 'done', 2],
      ['sample-03', 'failed', undefined],
    ])
  })

  it('says what the debate gained over it, in numbers and in a sentence', () => {
    expect(baseline?.comparison).toMatchObject({ winner_score: 0.85, best_score: 0.9, best_id: 'sample-01' })
    expect(baseline?.comparison.gain).toBeCloseTo(-0.05)
    expect(baseline?.comparison.statement).toBe(
      'The winner scores 0.85, the best of 2 independent samples 0.90: no gain, 0.05 less. On average 0.78 against 0.88: no gain, 0.09 less. The debate’s texts took 450 tokens, the samples 450.',
    )
    expect(boardOf(withBaseline.slice(0, 3)).baseline?.comparison.statement).toBe(
      'Not compared yet: the texts have not been ranked.',
    )
  })

  it('is in the result that clients read, and counts in the tokens of the run', () => {
    const result = deliberationResult.parse(resultOf({ ...board, baseline }))
    expect(result.baseline).toMatchObject({ planned: 3, failed: 1, best_id: 'sample-01', skipped: null })
    expect(result.baseline?.samples.map(({ sample_id, rank }) => [sample_id, rank])).toEqual([
      ['sample-01', 1],
      ['sample-02', 2],
    ])
    expect(result.results.map(({ proposal }) => proposal.author_id).some((id) => id.startsWith('sample-'))).toBe(false)
    const calls = [...board.calls, ...(baseline?.samples ?? []).map((sample) => sample.call)]
    expect(result.tokens.tokens_out).toBe(calls.reduce((sum, call) => sum + (call.tokens_out ?? 0), 0))
  })

  it('has a chapter of the report', async () => {
    await expect(reportOf(boardOf(withBaseline))).toMatchFileSnapshot('golden/report-with-baseline.txt')
  })
})

describe('a run as a file', () => {
  it('is a report that reads from the task to the costs', async () => {
    await expect(reportOf(boardOf([...ended, ...said]))).toMatchFileSnapshot('golden/report.txt')
  })

  it('is complete as JSON, in a versioned shape that can be read back', () => {
    const board = boardOf([...ended, ...said])
    const file = exportRun(board, 'json', Date.UTC(2026, 6, 17))
    expect(deliberationExport.parse(JSON.parse(file.text)).run).toEqual(board)
    expect([file.file_name, file.media_type]).toEqual(['dlb-1.json', 'application/json'])
  })

  it('can be had of a run that is still in motion, or that failed', () => {
    const begun = ended.slice(0, 3)
    expect(reportOf(boardOf(begun))).toContain('No proposal was chosen.')
  })

  it('shows what people wrote as text, whatever it would be as markup', () => {
    const text = '<script>alert(1)</script> **now** [here](https://example.org)\n# not a heading, snake_case'
    const report = reportOf(boardOf(play(sampleSpec({ title: text, requirements: [{ id: 'R1', text }] })).events))
    const shown = '\\<script>alert(1)\\</script> \\*\\*now\\*\\* \\[here\\](https://example.org) # not a heading, snake_case'
    expect(report.split('\n')[0]).toBe(`# ${shown}`)
    expect(report).toContain(`- R1: ${shown}`)
  })

  it('keeps a text’s own fences and headings inside it', () => {
    expect(reportOf(boardOf(ended))).toContain('````markdown\n# Retry')
  })
})
