import { expect, it } from 'vitest'
import { remarksOf } from './remarks.ts'

const critique = JSON.stringify({
  criteria: { error_handling: { comment: 'No "retry" at all.\nSo it stops.', score: 0.4 } },
  strengths: ['Short.'],
  problems: [{ severity: 'major', text: 'It never backs off.', quote: 'retry at once' }],
})

it('a critique is read as its comments, strengths and problems, without marks and quotes', () => {
  expect(remarksOf(critique)).toEqual([
    { about: 'error handling', text: 'No "retry" at all.\nSo it stops.' },
    { about: 'strength', text: 'Short.' },
    { about: 'problem', text: 'It never backs off.' },
  ])
})

it('scores are read as their reasons, by text and criterion', () => {
  expect(remarksOf('{"A":{"clarity":{"reason":"Plain.","score":8}},"B":{"clarity":{"reason":"Dense.","score":')).toEqual([
    { about: 'text A, clarity', text: 'Plain.' },
    { about: 'text B, clarity', text: 'Dense.' },
  ])
})

it('wherever the reply breaks off, what is shown is the beginning of what was said', () => {
  const whole = remarksOf(critique)
  for (let length = 0; length <= critique.length; length += 1) {
    remarksOf(critique.slice(0, length)).forEach((remark, at) => expect(whole[at]?.text.startsWith(remark.text)).toBe(true))
  }
})

it('a reply that is no JSON has no remarks', () => {
  expect(['', 'I think that', '```json\n'].map(remarksOf)).toEqual([[], [], []])
})
