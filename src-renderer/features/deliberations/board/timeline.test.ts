import { describe, expect, it } from 'vitest'
import { cancelPreview } from './cancel-preview.ts'
import { ladderOf } from './ladder.ts'
import { givenScores, receivedScores } from './peer-scores.ts'
import { board, call, critique, failedCall, openCall, phase, start, version } from './test-board.ts'
import { openingOf } from './text-opening.ts'
import { axisOf, barsOf, byPhase, placeLabels } from './timeline.ts'

const plain = (text: unknown) => String(text).replaceAll('\u00a0', ' ')

describe('the timeline', () => {
  it('splits a call into waiting, reading and writing', () => {
    const held = board({ calls: [call('agent-001', 'critique', 1)] })
    expect(barsOf(held, () => undefined, start + 20_000)).toMatchObject([
      {
        label: 'C1',
        state: 'done',
        queued: [start, start + 1000],
        reading: [start + 1000, start + 2000],
        writing: [start + 2000, start + 10_000],
      },
    ])
  })

  it('sums tokens and cost for each phase of each round, in the order in which they began', () => {
    const calls = [
      call('agent-001', 'score', 2, { opened_at: start + 4 }),
      call('agent-001', 'critique', 2, { opened_at: start + 3 }),
      call('agent-001', 'critique', 1, { opened_at: start + 2 }),
      call('agent-002', 'critique', 1, { opened_at: start + 2, cost_micro_usd: 30 }),
      { ...openCall('agent-003', 'critique', 1), opened_at: start + 2 },
      call('agent-001', 'propose', 0),
    ]
    expect(byPhase(calls).map(({ label, totals }) => [label, totals.calls, totals.tokensIn, totals.costMicroUsd])).toEqual([
      ['Propose', 1, 100, 10],
      ['Round 1: critique', 2, 200, 40],
      ['Round 2: critique', 1, 100, 10],
      ['Score by peers', 1, 100, 10],
    ])
  })

  it('draws an open call up to now, by what is live of it', () => {
    const held = board({ calls: [openCall('agent-001', 'propose', 0), openCall('agent-002', 'propose', 0)] })
    const [first, second] = barsOf(
      held,
      (key) => (key === '0.propose.agent-001' ? { startedAt: start + 2000, firstTextAt: start + 3000 } : undefined),
      start + 9000,
    )
    expect(first).toMatchObject({ queued: [start, start + 2000], writing: [start + 3000, start + 9000] })
    expect(second).toMatchObject({ queued: [start, start + 9000], reading: null, writing: null })
  })

  it('labels a failed call with its cause', () => {
    expect(barsOf(board({ calls: [failedCall('agent-001', 'score', 1, 'rate_limited')] }), () => undefined, start)).toMatchObject(
      [{ label: '429', state: 'failed' }],
    )
  })

  it('draws the deadline only where it does not squeeze the calls to nothing', () => {
    expect(axisOf(board(), start + 60_000).deadline).toBeNull()
    const near = axisOf(board({ row: { deadline: start + 360_000 } }), start + 60_000)
    expect(near.deadline).toBe(start + 360_000)
    expect(near.to).toBeGreaterThan(start + 360_000)
    expect(near.ticks.length).toBeLessThanOrEqual(8)
  })

  it('leaves out labels that have no room beside more important ones', () => {
    const labels = placeLabels(
      [
        { id: 'now', text: 'now 14:32', at: 200 },
        { id: 'deadline', text: 'deadline 14:41', at: 390 },
        { id: 'expected', text: 'about 14:33', at: 220 },
        { id: 'start', text: '14:25', at: 0 },
      ],
      400,
    )
    expect(labels.map((label) => label.id)).toEqual(['now', 'deadline', 'start'])
    for (const label of labels) expect(label.x).toBeGreaterThanOrEqual(0)
  })
})

describe('the phase ladder', () => {
  const steps = (...args: Parameters<typeof ladderOf>) =>
    ladderOf(...args).map((step) => [step.name, step.state, plain(step.what?.[0])])

  it('says what phases took, how far the current one is and what the next should take', () => {
    const held = board({
      phases: [
        phase('propose', 0, { state: 'done', received: 3, started_at: start, ended_at: start + 71_000 }),
        phase('critique', 1, { state: 'running', received: 1, started_at: start + 71_000 }),
        phase('check', 1, { expected: 0, expected_ms: 8000 }),
        phase('score', 1, { expected_ms: null }),
      ],
    })
    expect(steps(held, start + 84_000)).toEqual([
      ['Propose', 'done', '1 m 11 s, 3 of 3'],
      ['R1 critique', 'half', '1 of 3, 13 s'],
      ['Check', 'next', 'about 8 s'],
      ['Score', 'next', 'time unknown'],
    ])
  })

  it('marks what planned phases should take as a guess where steps have little room, too', () => {
    const phases = [1, 2, 3, 4, 5, 6, 7].map((round) => phase('revise', round, { expected_ms: 89_000 }))
    const done = phase('propose', 0, { state: 'done', received: 3, started_at: start, ended_at: start + 4000 })
    expect(steps(board({ phases: [done, ...phases] }), start).slice(0, 2)).toEqual([
      ['Prop', 'done', '4 s'],
      ['Rev 1', 'next', '≈ 1 m'],
    ])
  })

  it('marks the phase in which a run was cut off, and those that nothing came of', () => {
    const held = board({
      row: { status: 'TIMEOUT', ended_at: start + 90_000 },
      phases: [phase('propose', 0, { state: 'done', received: 2 }), phase('critique', 1, { state: 'skipped' })],
    })
    expect(ladderOf(held, start)[0]).toMatchObject({ shape: 'warn' })
    expect(steps(held, start)).toEqual([
      ['Propose', 'done', '2 of 3, then the end'],
      ['R1 critique', 'skipped', 'skipped'],
    ])
    expect(steps(board({ phases: [phase('propose', 0, { state: 'done', failed: 3 })] }), start)[0]?.[1]).toBe('bad')
  })
})

describe('the preview of a cancellation', () => {
  it('says in numbers what is stopped, lost and kept', () => {
    const held = board({
      calls: [call('agent-001', 'revise', 1), openCall('agent-002', 'revise', 1), openCall('agent-003', 'revise', 1)],
      versions: [version('agent-001', 0, 'a'), version('agent-002', 0, 'b')],
      critiques: [critique('agent-001', 'agent-002', 1, 0.5)],
    })
    const live = {
      state: 'running',
      since: 0,
      attempt: 1,
      error: null,
      retryAt: null,
      firstTextAt: 0,
      length: 340,
      charactersPerSecond: null,
    } as const
    const preview = cancelPreview(held, (each) => (each.agent_id === 'agent-002' ? live : undefined))
    expect(preview.calls).toBe(2)
    expect(preview.lines.map(plain)).toEqual([
      '2 calls are stopped: 1 running, 1 waiting. 340 characters written so far are lost.',
      '9 planned calls are not made.',
      '2 finished texts are kept, with 1 critique; nothing gets ranked.',
      '$0.043 is spent already and stays spent. A cancelled run cannot be resumed.',
    ])
  })
})

describe('peer scores', () => {
  const criterion = (name: string, stated: number, expected: number | null) => ({
    name,
    stated,
    expected,
    reason: `${name}: ${stated}`,
  })
  const held = board({
    scores: [
      {
        scorer_id: 'agent-002',
        at: start,
        scores: [
          {
            author_id: 'agent-003',
            position: 1,
            criteria: [criterion('Correctness', 4, null), criterion('Safety', 9, null)],
            requirements: [],
          },
          {
            author_id: 'agent-001',
            position: 0,
            criteria: [criterion('Correctness', 7, 7.4), criterion('Safety', 8, 8.1)],
            requirements: [],
          },
        ],
      },
    ],
  })

  it('are listed by criterion with who gave them and why', () => {
    expect(receivedScores(held, 'agent-001')).toMatchObject([
      {
        criterion: 'Correctness',
        scores: [{ scorerId: 'agent-002', stated: 7, expected: 7.4, reason: 'Correctness: 7', position: 0 }],
      },
      { criterion: 'Safety', scores: [{ stated: 8 }] },
    ])
  })

  it('are summed up for the one who gave them, in the order shown', () => {
    expect(givenScores(held, 'agent-002').map(({ authorId, mean }) => [authorId, mean?.toFixed(2)])).toEqual([
      ['agent-001', '7.68'],
      ['agent-003', '6.00'],
    ])
  })
})

describe('the opening of a text', () => {
  it('is the whole text when it is short', () => {
    expect(openingOf('a\nb')).toEqual({ text: 'a\nb', lines: 2, ofLines: 2 })
  })

  it('is its first whole lines when it is long, with an open code block closed', () => {
    const long = `Intro\n\`\`\`yaml\n${'key: value\n'.repeat(500)}\`\`\``
    const opening = openingOf(long)
    expect(opening.lines).toBeLessThan(opening.ofLines)
    expect(opening.text.endsWith('\n```yaml') || opening.text.endsWith('\n```')).toBe(true)
  })
})
