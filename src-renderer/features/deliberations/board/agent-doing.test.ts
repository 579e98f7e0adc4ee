import { describe, expect, it } from 'vitest'
import { callKey } from '../shapes.ts'
import { cellsOf } from './agent-cells.ts'
import { callsAhead, charactersPerToken, openCallDoing, rateInWords, restingDoing } from './agent-doing.ts'
import type { LiveView } from './live-buffer.ts'
import { problemStates, revisionMayCome } from './reviews.ts'
import { standingsOf } from './standings.ts'
import { board, call, critique, failedCall, openCall, phase, problem, ranked, start, version } from './test-board.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')
const view = (more: Partial<LiveView> = {}): LiveView => ({
  state: 'running',
  since: start,
  attempt: 1,
  error: null,
  retryAt: null,
  firstTextAt: null,
  length: 0,
  charactersPerSecond: null,
  ...more,
})

describe('what an agent does while its call is open', () => {
  const held = board({ calls: [openCall('agent-001', 'revise', 1)] })
  const own = held.calls[0]!

  it.each<[string, LiveView | undefined, number, string, string]>([
    ['waits for a worker', undefined, 0, 'Sent', 'Waits for a worker to take the call'],
    ['waits for a slot', view({ state: 'queued' }), 0, 'Queued', 'Waits for a free slot of the engine'],
    ['waits behind others', view({ state: 'queued' }), 2, 'Queued', 'Waits for a slot, 2 calls of this run ahead'],
    ['reads its prompt', view(), 0, 'Revising', 'Reads the prompt; no text yet'],
    [
      'writes at a rate',
      view({ length: 400, charactersPerSecond: 184 }),
      0,
      'Revising',
      'Rewrites its text for round 1, 46 tok/s',
    ],
    [
      'tries again',
      view({ state: 'retrying', error: 'HTTP 503', retryAt: start + 3000 }),
      0,
      'Retrying',
      'Again in 2 s, after: HTTP 503',
    ],
    ['is being recorded', view({ state: 'ended', length: 400 }), 0, 'Revising', 'Finished; the answer is being recorded'],
  ])('%s', (_, live, ahead, word, sentence) => {
    const doing = openCallDoing(held, own, live, ahead, 4, start + 1000)
    expect([doing.word, plain(doing.sentence)]).toEqual([word, sentence])
  })

  it('counts only calls of this run that asked earlier as ahead', () => {
    const calls = ['agent-001', 'agent-002', 'agent-003'].map((id) => openCall(id, 'propose', 0))
    const since = new Map(calls.map((each, at) => [callKey(each), start + at]))
    const viewOf = (key: string) => view({ state: 'queued', since: since.get(key) ?? 0 })
    expect(calls.map((each) => callsAhead(board({ calls }), each, viewOf))).toEqual([0, 1, 2])
  })

  it('tells tokens from characters by the run’s own finished texts, and says characters before there is one', () => {
    const done = board({
      calls: [call('agent-001', 'propose', 0, { tokens_out: 25 })],
      versions: [version('agent-001', 0, 'x'.repeat(100))],
    })
    expect(charactersPerToken(done)).toBe(4)
    expect(charactersPerToken(held)).toBeNull()
    expect(rateInWords(view({ charactersPerSecond: 184 }), null)).toBe('184 ch/s')
    expect(rateInWords(view({ charactersPerSecond: 20 }), 4)).toBe('5.0 tok/s')
  })
})

describe('what an agent does between its calls', () => {
  const resting = (held: ReturnType<typeof board>, id = 'agent-001') => {
    const standing = standingsOf(held).rows.find((row) => row.agentId === id)!
    const doing = restingDoing(held, standing)
    return [doing.word, plain(doing.sentence)]
  }
  const ended = { status: 'COMPLETED', ended_at: start + 60_000 } as const

  it('waits for the others, then the next phase', () => {
    const held = board({
      phases: [phase('propose', 0, { state: 'running' }), phase('critique', 1)],
      calls: [call('agent-001', 'propose', 0), openCall('agent-002', 'propose', 0), openCall('agent-003', 'propose', 0)],
    })
    expect(resting(held)).toEqual(['Proposed', 'Waits for agent-002 and agent-003, then R1 critique starts'])
  })

  it('has failed for good without a proposal, and says why', () => {
    const held = board({ calls: [failedCall('agent-001', 'propose', 0, 'server_error')] })
    expect(resting(held)).toEqual(['Failed', 'HTTP 503'])
  })

  it('stays in the run when only a later call failed', () => {
    const held = board({ calls: [call('agent-001', 'propose', 0), failedCall('agent-001', 'critique', 1, 'invalid_output')] })
    expect(resting(held)).toEqual(['Failed', 'Its r1 critique failed: HTTP 503'])
  })

  it('was stopped, not failed, when the run ended before its answer', () => {
    const held = board({ row: { ...ended, status: 'CANCELLED' }, calls: [failedCall('agent-001', 'propose', 0, 'cancelled')] })
    expect(resting(held)[0]).toBe('Stopped')
  })

  it('has won, or has its rank', () => {
    const held = board({
      row: ended,
      ranking: [ranked('agent-001', 1, 0.9), ranked('agent-002', 2, 0.8)],
      selection: { by: 'architect', agent_id: 'agent-002', reason: '', architect_error: null },
    })
    expect(resting(held, 'agent-002')).toEqual(['Winner', 'Chosen by the architect, score 0.80'])
    expect(resting(held, 'agent-001')).toEqual(['Rank 1', 'Ranked 1 of 2, score 0.90'])
  })
})

describe('the cells of an agent over the rounds', () => {
  const values = (held: ReturnType<typeof board>) =>
    cellsOf(held, 'agent-001').map((cell) => [cell.label, plain(cell.value), cell.state])

  it('hold time, the critic’s score and the lines that changed', () => {
    const held = board({
      phases: [
        phase('propose', 0, { state: 'done' }),
        phase('critique', 1, { state: 'done' }),
        phase('revise', 1, { state: 'running' }),
      ],
      calls: [call('agent-001', 'propose', 0), call('agent-001', 'critique', 1), call('agent-001', 'revise', 1)],
      critiques: [critique('agent-003', 'agent-001', 1, 0.58)],
      versions: [version('agent-001', 0, 'a\nb'), version('agent-001', 1, 'a\nc\nd')],
    })
    expect(values(held)).toEqual([
      ['Propose', '9 s', 'done'],
      ['Crit 1', '0.58', 'done'],
      ['Rev 1', '+2 −1', 'done'],
    ])
  })

  it('are an author’s where its critic rewrote the text', () => {
    const held = board({
      spec: { revision_by: 'critic' },
      phases: [phase('revise', 1, { state: 'running' })],
      calls: [call('agent-001', 'propose', 0), failedCall('agent-003', 'revise', 1, 'timeout')],
      critiques: [critique('agent-003', 'agent-001', 1, 0.58)],
      versions: [version('agent-001', 0, 'a')],
    })
    expect(values(held)[2]).toEqual(['Rev 1', 'timeout', 'failed'])
    expect(revisionMayCome(held, 'agent-001', 1)).toBe(false)
    const revised = { ...held, versions: [...held.versions, version('agent-001', 1, 'b', { by: 'agent-003' })] }
    expect(cellsOf(revised, 'agent-001')[2]?.title).toContain(', revised by agent-003')
  })

  it('say what was lost and what failed', () => {
    const held = board({
      phases: [phase('critique', 1, { state: 'done' })],
      calls: [call('agent-001', 'propose', 0), call('agent-001', 'critique', 1), failedCall('agent-001', 'revise', 1, 'timeout')],
    })
    expect(values(held).slice(1)).toEqual([
      ['Crit 1', 'lost', 'failed'],
      ['Rev 1', 'timeout', 'failed'],
    ])
  })

  it('merge a round into one cell when there are many', () => {
    expect(cellsOf(board({ spec: { rounds: 4 } }), 'agent-001').map((cell) => cell.label)).toEqual([
      'Propose',
      'R1',
      'R2',
      'R3',
      'R4',
    ])
  })
})

describe('what became of a problem', () => {
  const entry = critique('agent-002', 'agent-001', 1, 0.5, [problem('P1', '', null), problem('P2', '', null)])
  const answers = [{ problem_id: 'P1', status: 'kept' as const, note: 'on purpose' }]

  it('is what the author says, or not stated', () => {
    const states = problemStates(entry, version('agent-001', 1, '', { answers }), false)
    expect(states.map(({ status, note }) => [status, note])).toEqual([
      ['kept', 'on purpose'],
      ['not stated', ''],
    ])
  })

  it('is waited for while the revision may come, and open when it cannot', () => {
    const running = board({ phases: [phase('revise', 1, { state: 'running' })], calls: [openCall('agent-001', 'revise', 1)] })
    const lost = board({
      phases: [phase('revise', 1, { state: 'running' })],
      calls: [failedCall('agent-001', 'revise', 1, 'timeout')],
    })
    expect(revisionMayCome(running, 'agent-001', 1)).toBe(true)
    expect(revisionMayCome(lost, 'agent-001', 1)).toBe(false)
    expect(problemStates(entry, undefined, true)[0]?.status).toBe('waiting')
    expect(problemStates(entry, undefined, false)[0]?.status).toBe('open')
  })
})
