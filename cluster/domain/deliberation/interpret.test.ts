import { expect, test } from 'vitest'
import { splitRevision } from './answers-block.ts'
import { interpret } from './interpret.ts'
import { openCalls } from './plan.ts'
import { findQuote } from './quote.ts'
import { completed, goodReply, play, sampleSpec } from './sample-runs.ts'
import type { CallPhase, CompletedAnswer, Contribution } from './types.ts'

const PROPOSAL = 'Retry at once.\nThen wait\n  two seconds.'

/** Interprets one reply in the named phase of a run whose proposals all read PROPOSAL. */
function read(phase: CallPhase, content: string, more: Partial<CompletedAnswer> = {}) {
  const { state } = play(sampleSpec(), {
    answer: (now, order) =>
      order.phase === phase ? undefined : completed(now, order, order.phase === 'propose' ? PROPOSAL : goodReply(now, order)),
  })
  const order = openCalls(state)[0]!
  const answer = completed(state, order, content, more)
  if (answer.kind !== 'completed') throw new Error('A completed answer was wanted.')
  return interpret(state, order, answer)
}

function contributed<K extends Contribution['kind']>(
  phase: CallPhase,
  content: string,
  _kind: K,
  more: Partial<CompletedAnswer> = {},
) {
  const result = read(phase, content, more)
  if (result.kind !== 'contribution') throw new Error(result.fault)
  return result.contribution as Extract<Contribution, { kind: K }>
}

test('a quote is found letter for letter, or with other white space; else the problem is unanchored', () => {
  expect(findQuote(PROPOSAL, 'Then wait\n  two')).toBe(15)
  expect(findQuote(PROPOSAL, ' then wait two')).toBeNull()
  expect(findQuote(PROPOSAL, 'Then wait two seconds.')).toBe(15)
  expect(findQuote(PROPOSAL, 'once. Then')).toBe(9)
  expect(findQuote(PROPOSAL, 'two\nseconds')).toBe(PROPOSAL.indexOf('two seconds'))
  expect(findQuote(PROPOSAL, '  ')).toBeNull()
})

const critique = (more: object = {}): string =>
  JSON.stringify({
    criteria: { correctness: { comment: 'No jitter.', score: 0.4 }, clarity: { comment: 'Short.', score: 1 } },
    strengths: ['Short.', ''],
    problems: [
      { severity: 'major', text: 'No jitter.', quote: 'Then wait two seconds.' },
      { severity: 'minor', text: 'No limit.', quote: 'for ever' },
      { severity: 'minor', text: '', quote: '' },
    ],
    ...more,
  })

test('a critique becomes criteria by name, strengths, and numbered problems with the place of each quote', () => {
  expect(contributed('critique', critique(), 'critique')).toEqual({
    kind: 'critique',
    target_id: 'agent-developer-002',
    version: 0,
    critique: {
      criteria: [
        { name: 'Correctness', score: 0.4, comment: 'No jitter.' },
        { name: 'Clarity', score: 1, comment: 'Short.' },
      ],
      strengths: ['Short.'],
      problems: [
        { id: 'P1', severity: 'major', text: 'No jitter.', quote: 'Then wait two seconds.', anchor: 15 },
        { id: 'P2', severity: 'minor', text: 'No limit.', quote: 'for ever', anchor: null },
      ],
    },
  })
})

test('JSON inside a Markdown fence is read too', () => {
  expect(contributed('critique', `\`\`\`json\n${critique()}\n\`\`\``, 'critique').critique.problems).toHaveLength(2)
})

test.each([
  { what: 'no JSON', content: 'I like it.', fault: 'The answer is not the JSON asked for.' },
  { what: 'JSON that breaks off', content: '{"criteria": {"correc', fault: 'The answer is not the JSON asked for.' },
  { what: 'a list', content: '[]', fault: 'The answer is not the JSON asked for.' },
  {
    what: 'a criterion left out',
    content: critique({ criteria: { correctness: { comment: '', score: 1 } } }),
    fault: 'The critique has no score from 0 to 1 for "Clarity".',
  },
  {
    what: 'a score above 1',
    content: critique({ criteria: { correctness: { comment: '', score: 7 }, clarity: { comment: '', score: 1 } } }),
    fault: 'The critique has no score from 0 to 1 for "Correctness".',
  },
])('a critique with $what is a fault', ({ content, fault }) => {
  expect(read('critique', content)).toEqual({ kind: 'fault', fault })
})

const block = (json: string): string => `\`\`\`answers\n${json}\n\`\`\``

test.each([
  {
    what: 'each problem',
    reply: `New text.\n\n${block('[{"problem_id":"P1","status":"answered","note":"done"},{"problem_id":"P2","status":"kept","note":"on purpose"}]')}\n`,
    answers: ['answered done', 'kept on purpose'],
  },
  {
    what: 'one problem',
    reply: `New text.\n${block('[{"problem_id":"P2","status":"open","note":""}]')}`,
    answers: ['not stated ', 'open '],
  },
  {
    what: 'a problem twice',
    reply: `New text.\n${block('[{"problem_id":"P1","status":"kept","note":"a"},{"problem_id":"P1","status":"open","note":"b"}]')}`,
    answers: ['kept a', 'not stated '],
  },
  {
    what: 'a status of its own making',
    reply: `New text.\n${block('[{"problem_id":"P1","status":"fixed","note":""}]')}`,
    answers: ['not stated ', 'not stated '],
  },
  { what: 'nothing readable', reply: `New text.\n${block('P1: done')}`, answers: ['not stated ', 'not stated '] },
  {
    what: 'nothing, being cut off',
    reply: 'New text.\n```answers\n[{"problem_id":"P1","sta',
    answers: ['not stated ', 'not stated '],
  },
])('the block that says $what is cut off the revision', ({ reply, answers }) => {
  const split = splitRevision(reply, ['P1', 'P2'])
  expect(split.text).toBe('New text.')
  expect(split.answers.map(({ status, note }) => `${status} ${note}`)).toEqual(answers)
})

test('code in the revision stays, and without a block the whole reply is the text', () => {
  const withCode = 'Use this:\n```yaml\nretries: 3\n```\nDone.'
  expect(splitRevision(withCode, ['P1'])).toEqual({
    text: withCode,
    answers: [{ problem_id: 'P1', status: 'not stated', note: '' }],
  })
  expect(splitRevision(`${withCode}\n${block('[]')}`, []).text).toBe(withCode)
})

test('only the last block is cut off; what stands before and after it is kept', () => {
  const example = `An example:\n${block('[]')}\nMore text.`
  const split = splitRevision(`${example}\n${block('[{"problem_id":"P1","status":"open","note":""}]')}\nBye.`, ['P1'])
  expect(split.text).toBe(`${example}\n\nBye.`)
  expect(split.answers[0]?.status).toBe('open')
})

test('a revision that changes nothing is recorded as it is; one without text is a fault', () => {
  expect(contributed('revise', PROPOSAL, 'revision')).toEqual({
    kind: 'revision',
    content: PROPOSAL,
    critic_id: 'agent-developer-003',
    answers: [{ problem_id: 'P1', status: 'not stated', note: '' }],
  })
  expect(read('revise', block('[]'))).toMatchObject({ kind: 'fault' })
})

const verdict = (correctness: number, clarity: number) => ({
  correctness: { reason: 'Right.', score: correctness },
  clarity: { reason: 'Plain.', score: clarity },
})

test('scores are told apart by label and criterion, whatever their order in the reply', () => {
  const reply = JSON.stringify({ B: verdict(3, 4), A: verdict(1, 2) })
  const { scores } = contributed('score', reply, 'scores', { expected_scores: [3.5, 4.5, 1.5, 2.5] })
  expect(scores.map((score) => score.position)).toEqual([0, 1])
  expect(scores.map((score) => score.criteria.map(({ name, stated, expected }) => ({ name, stated, expected })))).toEqual([
    [
      { name: 'Correctness', stated: 1, expected: 1.5 },
      { name: 'Clarity', stated: 2, expected: 2.5 },
    ],
    [
      { name: 'Correctness', stated: 3, expected: 3.5 },
      { name: 'Clarity', stated: 4, expected: 4.5 },
    ],
  ])
})

test.each([{ expected: [1, 2, 3] }, { expected: [1, 2, 3, 4, 5] }, { expected: [1, 2, 3, 11] }, { expected: [1, 2, 3, NaN] }])(
  'probability-weighted scores that do not match what was stated are left aside ($expected)',
  ({ expected }) => {
    const { scores } = contributed('score', JSON.stringify({ A: verdict(1, 2), B: verdict(3, 4) }), 'scores', {
      expected_scores: expected,
    })
    expect(scores.flatMap((score) => score.criteria.map((each) => each.expected))).toEqual([null, null, null, null])
  },
)

test.each([
  {
    what: 'a text left out',
    content: { A: verdict(1, 2) },
    fault: 'There is no score from 0 to 10 for "Correctness" of text B.',
  },
  {
    what: 'a score out of range',
    content: { A: verdict(1, 2), B: verdict(3, 11) },
    fault: 'There is no score from 0 to 10 for "Clarity" of text B.',
  },
  {
    what: 'half a point',
    content: { A: verdict(1, 2.5), B: verdict(3, 4) },
    fault: 'There is no score from 0 to 10 for "Clarity" of text A.',
  },
])('scores with $what are a fault', ({ content, fault }) => {
  expect(read('score', JSON.stringify(content))).toEqual({ kind: 'fault', fault })
})
