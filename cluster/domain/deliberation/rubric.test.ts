import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseRubric, type RubricInput } from './rubric.ts'

const parseText = (text: string): unknown => parse(text)

test.each<{ form: string; input: RubricInput }>([
  { form: 'a map', input: { Correctness: 3, Clarity: { weight: 1, description: 'Plain words.' } } },
  { form: 'YAML', input: 'Correctness: 3\nClarity:\n  weight: 1\n  description: Plain words.' },
  { form: 'JSON', input: '{"Correctness": 3, "Clarity": {"weight": 1, "description": "Plain words."}}' },
])('check 10: a rubric as $form gives criteria whose weights sum to 1', ({ input }) => {
  expect(parseRubric(input, parseText)).toEqual([
    { name: 'Correctness', weight: 0.75 },
    { name: 'Clarity', weight: 0.25, description: 'Plain words.' },
  ])
})

test.each(['Clear and short.', 'Remember: no jargon', '- one\n- two', '[unclosed', '42'])(
  'check 10: text that is no map is one criterion: %s',
  (text) => {
    expect(parseRubric(text, parseText)).toEqual([{ name: 'rubric', weight: 1, description: text }])
  },
)

test.each<{ input: RubricInput; fault: string }>([
  { input: {}, fault: 'The rubric is empty; name at least one criterion.' },
  { input: '  ', fault: 'The rubric is empty; name at least one criterion.' },
  { input: 'Correctness: 0', fault: 'The weight of "Correctness" must be a number above 0.' },
  { input: 'Correctness: {description: x}', fault: 'The weight of "Correctness" must be a number above 0.' },
  {
    input: 'Correctness: {weight: 1, description: 7}',
    fault: 'The description of "Correctness" must be text of at most 500 characters.',
  },
  { input: { a: 1, 'a ': 2 }, fault: 'The rubric names "a" twice.' },
  {
    input: Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`c${i}`, 1])),
    fault: 'The rubric has 13 criteria; 12 is the most.',
  },
  { input: { ['x'.repeat(61)]: 1 }, fault: `A criterion's name has 1 to 60 characters, "${'x'.repeat(61)}" has 61.` },
  {
    input: 'x'.repeat(501),
    fault: 'The rubric is 501 characters of text; write at most 500, or a map of criteria with weights.',
  },
])('a rubric that makes no sense is refused in words: $fault', ({ input, fault }) => {
  expect(() => parseRubric(input, parseText)).toThrow(fault)
})
