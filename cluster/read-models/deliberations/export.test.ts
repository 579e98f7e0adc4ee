import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { completed, goodReply, play, sampleSpec } from '../../domain/deliberation/sample-runs.ts'
import type { RunEvent } from '../../domain/deliberation/types.ts'
import { deliberationExport } from '../../messages/deliberation-export.ts'
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

  it('keeps a text’s own fences and headings inside it', () => {
    expect(reportOf(boardOf(ended))).toContain('````markdown\n# Retry')
  })
})
