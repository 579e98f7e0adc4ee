import { describe, expect, it } from 'vitest'
import {
  agreementInWords,
  biasInWords,
  diversityInWords,
  hunksOf,
  readInWords,
  relevanceInWords,
  spreadInWords,
  traceInWords,
} from './lineage.ts'
import { placeQuotes } from './quotes.ts'
import { diffTexts } from './revision-diff.ts'
import { problem } from './test-board.ts'

const before = 'Retry every error.\nLog it.\nNobody owns the queue.\nIt ends there.\nReally.\nYes.'
const after = 'Retry timeouts only.\nLog it.\nNobody owns the queue.\nIt ends there.\nReally.\nNo.'
const problems = [problem('P1', 'every error', before.indexOf('every')), problem('P2', 'owns the queue', before.indexOf('owns'))]
const diff = diffTexts(before, after)
const quotes = placeQuotes(before, problems, [], true)

describe('what became of a criticism', () => {
  it('is found in the changed places that touch what it quotes', () => {
    expect([hunksOf('P1', diff, quotes), hunksOf('P2', diff, quotes)]).toEqual([[1], []])
  })

  it.each([
    { id: 0, status: 'answered' as const, words: 'what it quotes changed in hunk 1' },
    { id: 0, status: 'kept' as const, words: 'what it quotes changed in hunk 1' },
    { id: 1, status: 'answered' as const, words: 'what it quotes stands as it was' },
    { id: 1, status: 'open' as const, words: '' },
    { id: 0, status: 'waiting' as const, words: '' },
  ])('of problem $id said to be $status reads “$words”', ({ id, status, words }) => {
    expect(traceInWords({ problem: problems[id]!, status, note: '' }, diff, quotes)).toBe(words)
  })
})

it('numbers of the scoring come with what they mean', () => {
  expect([agreementInWords(0.9), agreementInWords(0.5), agreementInWords(0)]).toEqual([
    'the scorers largely rank alike',
    'the scorers agree in part',
    'the scorers hardly agree: take the order with care',
  ])
  expect([biasInWords(0.1), biasInWords(-0.4), biasInWords(0.8)]).toEqual([
    'the order shown hardly mattered',
    'texts shown earlier scored higher by a little',
    'texts shown later scored higher: the order may have decided',
  ])
  expect([diversityInWords(0.02, null), diversityInWords(0.1, 0.3), diversityInWords(0.3, 0.3)]).toEqual([
    'nearly one text',
    'much alike; narrowed from 0.30 at first',
    'alike in part',
  ])
  expect([relevanceInWords(0.7), relevanceInWords(0.3), relevanceInWords(0.1)]).toEqual([
    'the texts are about the task',
    'loosely about the task',
    'hardly about the task: read before you trust',
  ])
  expect([
    readInWords({ tokens: 900, counted: false, cost_micro_usd: 0 }),
    readInWords({ tokens: 900, counted: true, cost_micro_usd: 20_000 }),
  ]).toEqual(['measured with 900 tokens on this machine, free, in no total', 'measured with 900 tokens, $0.020, in the totals'])
  expect([spreadInWords([5]), spreadInWords([5, 5.5]), spreadInWords([2, 9])]).toEqual([
    '',
    'spread 0.5 over 2\u00a0scorers: of one mind',
    'spread 7.0 over 2\u00a0scorers: far apart',
  ])
})
