import { describe, expect, it } from 'vitest'
import { board, critique, problem, start, version } from './test-board.ts'
import { threadOf, unansweredOf } from './thread.ts'

const first = 'Retry five times.\n\nThe limit is five.\n\nErrors are logged.'
const second = 'Retry five times with jitter.\n\nThe limit is five.\n\nErrors are counted.'
const answered = (problem_id: string, status: 'answered' | 'open' | 'kept') => ({ problem_id, status, note: '' })

describe('the thread of a text', () => {
  const told = board({
    row: { ended_at: start + 90_000, status: 'COMPLETED' },
    versions: [
      version('a', 0, first),
      version('a', 1, second, { answers: [answered('P1', 'answered'), answered('P2', 'kept')] }),
    ],
    critiques: [
      critique('b', 'a', 1, 0.5, [
        problem('P1', 'Retry five times.', 0),
        problem('P2', 'The limit is five.', first.indexOf('The limit')),
        problem('P3', '', null),
      ]),
      critique('c', 'a', 2, 0.7, [problem('P1', 'with jitter', second.indexOf('with jitter'))]),
    ],
  })

  it('leads from the proposal over each criticism to the next version', () => {
    expect(
      threadOf(told, 'a').map((step) =>
        step.kind === 'version' ? `version ${step.version.round}` : `critique ${step.entry.round} ${step.change}`,
      ),
    ).toEqual(['version 0', 'critique 1 revised', 'version 1', 'critique 2 lost'])
  })

  it('ties each problem to the change of what it quotes, and keeps the other changes apart', () => {
    const [, step] = threadOf(told, 'a')
    if (step?.kind !== 'critique') return expect.unreachable()
    expect(step.points.map(({ state, hunks }) => [state.problem.id, hunks.map(({ number }) => number)])).toEqual([
      ['P1', [1]],
      ['P2', []],
      ['P3', []],
    ])
    expect(step.otherHunks.map(({ number }) => number)).toEqual([2])
  })

  it('names what no version answered: said nothing of, or left without a revision', () => {
    expect(unansweredOf(threadOf(told, 'a'))).toEqual([
      { round: 1, id: 'P3' },
      { round: 2, id: 'P1' },
    ])
  })

  it('says that a revision is awaited while it may still come', () => {
    const running = board({
      versions: [version('a', 0, first)],
      critiques: [critique('b', 'a', 1, 0.5, [problem('P1', 'Retry', 0)])],
      phases: [{ ...awaited, phase: 'revise', round: 1 }],
    })
    const step = threadOf(running, 'a').at(-1)
    expect(step).toMatchObject({ kind: 'critique', change: 'awaited', points: [{ isUnanswered: false }] })
  })
})

const awaited = {
  state: 'running' as const,
  expected: 1,
  received: 0,
  failed: 0,
  started_at: start,
  ended_at: null,
  expected_ms: null,
  expected_tokens: 600,
}
