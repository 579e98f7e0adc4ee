import { describe, expect, it } from 'vitest'
import { sectionFindings } from './sections.ts'

const rules = (text: string, ...required: string[]) =>
  sectionFindings(text, required).map(({ line, rule, message }) => [line, rule, /“(.*)”/.exec(message)?.[1]])

describe('required sections', () => {
  it.each([
    ['hashes', '# Risks\nMany.'],
    ['any level', '#### Risks\nMany.'],
    ['closing hashes', '## Risks ##\nMany.'],
    ['a line below', 'Risks\n-----\nMany.'],
    ['numbers, emphasis, capitals and a colon', '## 2. **RISKS**:\nMany.'],
    ['a list or code for a body', '# Risks\n\n```sh\nls\n```'],
    ['an empty block before it', '```\n```\n# Risks\nMany.'],
    ['parts of its own', '# Risks\n## Small ones\nFew.'],
  ])('are found with %s', (_, text) => {
    expect(rules(text, 'Risks')).toEqual([])
  })

  it('that are missing are named, at the end of the text', () => {
    expect(rules('# Context\nSome.\n\nThe risks are many.', 'Context', 'Risks', 'Decision')).toEqual([
      [4, 'section-missing', 'Risks'],
      [4, 'section-missing', 'Decision'],
    ])
  })

  it.each([
    ['in a fenced block', '```md\n# Risks\nMany.\n```'],
    ['in bold', '**Risks**\n\nMany.'],
    ['as part of a longer heading', '# Risks and chances\nMany.'],
  ])('do not count %s', (_, text) => {
    expect(rules(text, 'Risks')).toMatchObject([[expect.any(Number), 'section-missing', 'Risks']])
  })

  it.each([
    ['before the next section', '# Risks\n\n# Decision\nYes.', 1],
    ['but empty parts', 'x\n\n# Risks\n## Small ones\n\n# Decision\nYes.', 3],
    ['at the end', '# Decision\nYes.\n# Risks\n', 3],
  ])('with nothing under their heading are empty: %s', (_, text, line) => {
    expect(rules(text, 'Decision', 'Risks')).toEqual([[line, 'section-empty', 'Risks']])
  })

  it('that stand twice count where one of them says something', () => {
    expect(rules('# Risks\n# Risks\nMany.', 'Risks')).toEqual([])
  })

  it('are looked for in hostile text without delay', () => {
    const began = performance.now()
    expect(rules(`# ${' '.repeat(2_000_000)}#`, 'Risks')).toHaveLength(1)
    expect(rules('# Risks\n'.repeat(100_000), 'Risks')).toHaveLength(1)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})
