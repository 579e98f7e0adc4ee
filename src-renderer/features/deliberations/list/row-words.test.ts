import { describe, expect, it } from 'vitest'
import { board, start } from '../board/test-board.ts'
import type { Row } from '../shapes.ts'
import { listVerdict } from './list-verdict.ts'
import { endWords, progressWords, spareWords, squaresOf } from './row-words.ts'

const plain = (text: string | null | undefined) => text?.replaceAll('\u00a0', ' ')
const row = (more: Partial<Row> = {}): Row => board({ row: more }).row
const done = { status: 'COMPLETED', end_reason: 'ranked', ended_at: start + 380_000, expected_end: null } as const

describe('a row of the list', () => {
  it.each<[string, Row]>([
    ['no answer yet', row({ status: 'PENDING' })],
    ['R2 revise', row({ phase: 'revise', round: 2 })],
    ['Score', row({ phase: 'score', round: 2 })],
    ['ranked', row(done)],
    ['1 of 3 failed', row({ ...done, failed_agents: 1 })],
    ['all 3 failed', row({ ...done, status: 'FAILED', end_reason: 'all_failed', failed_agents: 3 })],
    ['by an operator', row({ ...done, status: 'CANCELLED', end_reason: 'cancelled' })],
    ['nothing ranked', row({ ...done, status: 'TIMEOUT', end_reason: 'deadline' })],
    ['cost limit', row({ ...done, end_reason: 'cost_limit' })],
  ])('says “%s” beside its squares', (words, held) => {
    expect(progressWords(held).text).toBe(words)
  })

  it('draws one square a phase, the running one apart', () => {
    expect(squaresOf(row({ steps_done: 2, steps_total: 5 }))).toEqual({ done: 2, current: 1, total: 5 })
    expect(squaresOf(row({ ...done, steps_done: 5, steps_total: 5 }))).toEqual({ done: 5, current: 0, total: 5 })
  })

  it('says how long it took, or when it should end, or nothing', () => {
    expect(plain(endWords(row(done), start))).toBe('6 m 20 s')
    expect(endWords(row(), start)).toMatch(/^\d\d:\d\d$/)
    expect(endWords(row({ expected_end: null }), start)).toBeNull()
  })

  it.each<[string | undefined, Row]>([
    ['10 m 00 s', row()],
    ['5 m late', row({ expected_end: start + 1_200_000 })],
    ['met', row(done)],
    ['missed', row({ ...done, status: 'TIMEOUT' })],
    [undefined, row({ ...done, status: 'CANCELLED' })],
  ])('has to spare: %s', (words, held) => {
    expect(plain(spareWords(held)?.text)).toBe(words)
  })
})

describe('the verdict of the list', () => {
  const counts = (running: number, all: number) => ({ all, running, done: all - running, failed: 0 })

  it.each<[string, Row[], ReturnType<typeof counts>]>([
    ['No deliberation yet', [], counts(0, 0)],
    ['Nothing runs right now', [row(done)], counts(0, 1)],
    ['2 running on time, 1 waiting', [row(), row(), row({ status: 'PENDING' })], counts(3, 3)],
    ['1 of 2 will miss its deadline, 1 running on time', [row({ deadline_risk: 'breaching' }), row()], counts(2, 2)],
    ['1 close to the deadline', [row({ deadline_risk: 'at_risk' })], counts(1, 1)],
  ])('is “%s”', (sentence, rows, held) => {
    expect(listVerdict(rows, held, null, start).sentence).toBe(sentence)
  })

  it('names leaders, today’s runs and what they cost', () => {
    const now = start + 1000
    const { why } = listVerdict(
      [row({ leader_id: 'agent-002', score: 0.92 })],
      counts(1, 1),
      { runs: 1, spentMicroUsd: 43_000 },
      now,
    )
    expect(plain(why)).toBe('Leader: agent-002 0.92. 1 run since 00:00, $0.043 spent.')
  })
})
