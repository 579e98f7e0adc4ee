import { expect, it } from 'vitest'
import { requirementLines } from './requirement-lines.ts'

const requirements = [{ id: 'R1', text: 'No double charge' }]

it.each([
  ['requirements by id', requirements, [], ['- R1: No double charge']],
  ['nothing', [], [], []],
  [
    'the sections that lint asks for, so that agents know them',
    requirements,
    ['Risks', 'Cases'],
    ['- R1: No double charge', '- It has these sections, each under a Markdown heading of exactly this name: Risks; Cases'],
  ],
])('prompts list %s', (_, given, required_sections, lines) => {
  expect(requirementLines({ requirements: given, required_sections })).toEqual(lines)
})
