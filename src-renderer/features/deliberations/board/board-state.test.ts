import { describe, expect, it } from 'vitest'
import type { BoardChanges } from '../shapes.ts'
import { foldBoard } from './board-state.ts'
import { board, call, critique, openCall, phase, ranked, version } from './test-board.ts'

const noChange = (held = board()): BoardChanges => ({
  type: 'changes',
  row: held.row,
  phases: [],
  calls: [],
  versions: [],
  critiques: [],
  scores: [],
  checks: [],
  ranking: [],
  agreement: null,
  position_bias: null,
  rounds_stopped: null,
  measures: null,
  selection: null,
  outcomes: [],
  reruns: [],
})

describe('the board stream', () => {
  it('starts from a snapshot and starts anew from each further one', () => {
    const first = board()
    const second = board({ row: { title: 'Other' } })
    expect(foldBoard(null, { type: 'snapshot', board: first })).toBe(first)
    expect(foldBoard(first, { type: 'snapshot', board: second })).toBe(second)
  })

  it('ignores changes that come before any snapshot', () => {
    expect(foldBoard(null, noChange())).toBeNull()
  })

  it('replaces parts by their key where they stand and adds new ones at the end', () => {
    const held = board({
      phases: [phase('propose', 0), phase('critique', 1)],
      calls: [openCall('agent-001', 'propose', 0), openCall('agent-002', 'propose', 0)],
      versions: [version('agent-002', 0, 'two')],
      critiques: [critique('agent-001', 'agent-002', 1, 0.5)],
    })
    const next = foldBoard(held, {
      ...noChange(held),
      phases: [phase('propose', 0, { state: 'running' })],
      calls: [call('agent-001', 'propose', 0)],
      versions: [version('agent-001', 0, 'one')],
      critiques: [critique('agent-001', 'agent-002', 1, 0.7)],
    })
    expect(next?.phases.map((each) => each.state)).toEqual(['running', 'planned'])
    expect(next?.calls.map((each) => each.status)).toEqual(['done', 'open'])
    expect(next?.versions.map((each) => each.content)).toEqual(['two', 'one'])
    expect(next?.critiques.map((each) => each.critique.criteria[0]?.score)).toEqual([0.7])
  })

  it('keeps each part in its place over many changes, and an earlier board as it was', () => {
    const held = board({ calls: [openCall('agent-001', 'propose', 0), openCall('agent-002', 'propose', 0)] })
    const added = foldBoard(held, { ...noChange(held), calls: [openCall('agent-003', 'propose', 0)] })
    const ended = foldBoard(added, {
      ...noChange(held),
      calls: [call('agent-003', 'propose', 0), call('agent-001', 'propose', 0)],
    })
    const other = foldBoard(held, { ...noChange(held), calls: [openCall('agent-004', 'propose', 0)] })
    const told = [held, added, ended, other].map((each) => each?.calls.map(({ agent_id, status }) => `${agent_id} ${status}`))
    expect(told).toEqual([
      ['agent-001 open', 'agent-002 open'],
      ['agent-001 open', 'agent-002 open', 'agent-003 open'],
      ['agent-001 done', 'agent-002 open', 'agent-003 done'],
      ['agent-001 open', 'agent-002 open', 'agent-004 open'],
    ])
  })

  it('replaces the ranking and the checks as a whole', () => {
    const held = board({ ranking: [ranked('agent-001', 1, 0.9), ranked('agent-002', 2, 0.8)] })
    const next = foldBoard(held, { ...noChange(held), ranking: [ranked('agent-002', 1, 0.95)], agreement: 0.7 })
    expect(next?.ranking.map((each) => each.agent_id)).toEqual(['agent-002'])
    expect(next?.agreement).toBe(0.7)
  })

  it('keeps the identity of parts that did not change', () => {
    const held = board({ calls: [call('agent-001', 'propose', 0)], versions: [version('agent-001', 0, 'one')] })
    const next = foldBoard(held, { ...noChange(held), calls: [openCall('agent-002', 'propose', 0)] })
    expect(next?.versions).toBe(held.versions)
    expect(next?.calls[0]).toBe(held.calls[0])
  })
})
