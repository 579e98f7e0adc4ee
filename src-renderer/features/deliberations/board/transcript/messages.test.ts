import { describe, expect, it } from 'vitest'
import type { Board } from '../../shapes.ts'
import { foldBoard } from '../board-state.ts'
import { board, call, critique, failedCall, openCall, phase, problem, ranked, start, version } from '../test-board.ts'
import { filterOf, matches } from './filter.ts'
import { foldedOf } from './folded-text.ts'
import { flagger } from './message-flags.ts'
import { deedOf } from './message-words.ts'
import { messagesOf } from './messages.ts'

const done = (agentId: string, name: 'propose' | 'critique' | 'revise' | 'score', round: number, after: number) =>
  call(agentId, name, round, { ended_at: start + after })

function run(): Board {
  return board({
    phases: [phase('propose', 0), phase('critique', 1), phase('revise', 1), phase('check', 0), phase('score', 0)],
    calls: [
      openCall('agent-003', 'propose', 0),
      done('agent-002', 'propose', 0, 9000),
      done('agent-001', 'propose', 0, 5000),
      done('agent-001', 'critique', 1, 12_000),
      done('agent-002', 'revise', 1, 20_000),
      failedCall('agent-001', 'revise', 1, 'server_error'),
    ],
    versions: [
      version('agent-001', 0, 'Retry with jitter.'),
      version('agent-002', 0, 'Retry at once.'),
      version('agent-002', 1, 'Retry with a ledger.', {
        answers: [{ problem_id: 'P1', status: 'kept', note: 'The ledger knows.' }],
      }),
    ],
    critiques: [critique('agent-001', 'agent-002', 1, 0.4, [problem('P1', 'at once', 6)])],
    checks: [
      {
        agent_id: 'agent-002',
        checks: [{ check: 'lint', status: 'failed', message: 'line 3: indentation', warnings: 0 }],
      },
    ],
  })
}

const keys = (held: Board) => messagesOf(held).map((message) => message.key)

describe('the messages of a run', () => {
  it('stand phase by phase as planned, in each in the order in which they were finished, open ones last', () => {
    expect(keys(run())).toEqual([
      '0.propose.agent-001',
      '0.propose.agent-002',
      '0.propose.agent-003',
      '1.critique.agent-001',
      '1.revise.agent-001',
      '1.revise.agent-002',
      '0.check.agent-002',
    ])
  })

  it('stay the same objects while nothing of theirs changed', () => {
    const held = run()
    const later = { ...held, calls: [...held.calls, openCall('agent-002', 'score', 0)] }
    const before = new Map(messagesOf(held).map((message) => [message.key, message]))
    for (const message of messagesOf(later)) if (message.phase !== 'score') expect(message).toBe(before.get(message.key))
  })

  it('are not looked at again when one is added, apart from those of its phase', () => {
    const read = new Set<string>()
    const noting = <T extends object>(name: string, part: T): T =>
      new Proxy(part, { get: (of, key) => (read.add(name), Reflect.get(of, key)) as unknown })
    const rounds = Array.from({ length: 1_000 }, (_, at) => at + 1)
    const held = board({
      calls: rounds.map((round) => noting(`call ${round}`, done('agent-001', 'revise', round, round))),
      versions: rounds.map((round) => noting(`version ${round}`, version('agent-001', round, 'Retry.'))),
    })
    const next = (from: Board, round: number) => {
      const { spec: _, ...rest } = from
      const parts = { phases: [], critiques: [], scores: [], versions: [version('agent-002', round, 'Retry later.')] }
      return foldBoard(from, { type: 'changes', ...rest, ...parts, calls: [done('agent-002', 'revise', round, 5_000)] }) ?? from
    }
    const first = next(held, 7)
    const before = messagesOf(first)
    read.clear()
    const after = messagesOf(next(first, 900))
    expect([...read]).toEqual(['call 900'])
    expect(after.filter((message) => !before.includes(message)).map(({ key }) => key)).toEqual(['900.revise.agent-002'])
  })

  it('are those of an earlier board where that is shown again', () => {
    const later = run()
    const earlier = { ...later, calls: later.calls.slice(0, 3), versions: later.versions.slice(0, 2), critiques: [], checks: [] }
    messagesOf(later)
    expect(keys(earlier)).toEqual(['0.propose.agent-001', '0.propose.agent-002', '0.propose.agent-003'])
  })

  it.each([
    ['a call that failed', '1.revise.agent-001', 'failure', 'server error'],
    ['an author who keeps what was criticised', '1.revise.agent-002', 'disagreement', 'keeps what P1 criticises'],
    ['a critique with a major problem', '1.critique.agent-001', 'problem', '1\u00a0major problem'],
    ['a check that failed', '0.check.agent-002', 'problem', 'lint failed'],
  ])('are marked: %s', (_, key, kind, words) => {
    const held = run()
    const message = messagesOf(held).find((each) => each.key === key)
    expect(message && flagger(held)(message)).toContainEqual({ kind, words })
  })

  it('say whose text a critic rewrote', () => {
    const held = board({
      spec: { revision_by: 'critic' },
      calls: [done('agent-001', 'revise', 1, 9000)],
      critiques: [critique('agent-001', 'agent-002', 1, 0.4)],
      versions: [
        version('agent-002', 0, 'Retry at once.'),
        version('agent-002', 1, 'Retry at once.\nThen wait.', { by: 'agent-001' }),
      ],
    })
    const [message] = messagesOf(held)
    expect(message?.agentId).toBe('agent-001')
    expect(message && deedOf(held, message)).toBe('rewrites agent-002’s text, +1 −0 lines')
  })

  it('mark a scorer who stands apart from the others, and an architect who does not take the first', () => {
    const scored = (scorer: string, stated: number): Board['scores'][number] => ({
      scorer_id: scorer,
      at: start,
      scores: [
        {
          author_id: 'agent-003',
          position: 0,
          criteria: [{ name: 'Correctness', stated, expected: null, reason: '' }],
          requirements: [],
        },
      ],
    })
    const held = board({
      calls: [done('agent-001', 'score', 0, 1), done('agent-002', 'score', 0, 2), call('architect', 'select', 0)],
      scores: [scored('agent-001', 9), scored('agent-002', 4)],
      ranking: [ranked('agent-001', 1, 0.9), ranked('agent-003', 2, 0.8)],
      selection: { by: 'architect', agent_id: 'agent-003', reason: 'Safer.', architect_error: null },
    })
    const words = messagesOf(held).flatMap((message) => flagger(held)(message).map((flag) => flag.words))
    expect(words).toContain('gives agent-003 9.0 where the others give 4.0')
    expect(words).toContain('not the first by score, but rank 2')
  })
})

describe('the filter of a transcript', () => {
  const found = (address: string) => {
    const held = run()
    const filter = filterOf(new URLSearchParams(address))
    return messagesOf(held)
      .filter((message) => matches(message, filter, flagger(held)))
      .map((message) => message.key)
  }

  it.each([
    ['by=agent-002&phase=revise', ['1.revise.agent-002']],
    ['round=1&phase=critique', ['1.critique.agent-001']],
    ['q=LEDGER', ['1.revise.agent-002']],
    ['q=indentation', ['0.check.agent-002']],
    ['only=problems', ['1.critique.agent-001', '1.revise.agent-001', '1.revise.agent-002', '0.check.agent-002']],
    ['phase=nonsense&round=x&q=jitter', ['0.propose.agent-001']],
  ])('reads the address %s', (address, expected) => {
    expect(found(address)).toEqual(expected)
  })
})

describe('a folded message', () => {
  const long = Array.from({ length: 100 }, (_, at) => `Line ${at + 1} of a long answer.`).join('\n')

  it('shows the opening of a long text and says how much is left out', () => {
    const folded = foldedOf(long, '')
    expect(folded.text).toContain('Line 1 of')
    expect(folded.linesBefore).toBe(0)
    expect(folded.text.split('\n').length + folded.linesAfter).toBe(100)
  })

  it('shows the part with the first hit of a search', () => {
    const folded = foldedOf(long, 'line 80')
    expect(folded.text.startsWith('Line 80')).toBe(true)
    expect(folded.linesBefore).toBe(79)
  })

  it('cuts a text of one endless line', () => {
    expect(foldedOf('x'.repeat(2_000_000), '').text.length).toBeLessThan(1000)
  })
})
