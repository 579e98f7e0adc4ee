import { expect, test } from 'vitest'
import { sampleSpec } from '../domain/deliberation/sample-runs.ts'
import { deliberationEvent } from './deliberation-events.ts'

/** The value as an earlier version wrote it: without these fields, wherever they stood. */
function without(value: unknown, fields: readonly string[]): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => (fields.includes(key) ? undefined : inner))
}

const spec = sampleSpec()

test('a run submitted before there were quorum, consensus and files reads as one without them', () => {
  const old = without({ type: 'deliberation.submitted', data: { spec } }, ['quorum', 'consensus_stop', 'attachments'])
  expect(deliberationEvent.parse(old)).toEqual({ type: 'deliberation.submitted', data: { spec } })
})

test('a ranking and late answers of earlier versions are read', () => {
  const place = {
    agent_id: 'a',
    rank: 1,
    score: null,
    checks_score: null,
    rubric_score: null,
    score_source: 'none',
    unscored: true,
    scorers: 0,
    criteria: [],
    lint_warnings: 0,
    tokens_out: 5,
  }
  const ranked = { type: 'deliberation.ranked', data: { ranking: [place], agreement: null, position_bias: null } }
  expect(deliberationEvent.parse(ranked)).toMatchObject({ data: { ranking: [{ ...place, requirements: [] }] } })
  const late = { type: 'deliberation.late_answer', data: { round: 0, phase: 'propose', agent_id: 'a', kind: 'completed' } }
  expect(deliberationEvent.parse(late)).toMatchObject({ data: { metrics: null } })
})
