import { describe, expect, it } from 'vitest'
import { lintChecks } from './lint.ts'

const run = async (content: string) => (await lintChecks.run(content))[0]

describe('the lint check', () => {
  it('is skipped, and counts neither way, where a proposal holds no block it can parse', async () => {
    expect(await run('Just words.\n```python\nprint(\n```')).toEqual({
      check: 'lint',
      status: 'skipped',
      message: 'No fenced JSON or YAML block to parse.',
      warnings: 0,
    })
  })

  it.each([
    ['sound YAML', '```yaml\na: 1\nb: [1, 2]\n```', 'passed'],
    ['several YAML documents', '```yml\na: 1\n---\nb: 2\n```', 'passed'],
    ['sound JSON', '```json\n{"a": 1}\n```', 'passed'],
    ['broken YAML', 'Text.\n```yaml\na: [1, 2\nb: }\n```', 'failed'],
    ['broken JSON', '```json\n{"a": }\n```', 'failed'],
    ['one broken block among sound ones', '```json\n{}\n```\n```yaml\na: "x\n```', 'failed'],
    ['a fence that is never closed', '```json\n{"a": 1', 'failed'],
  ])('says of %s whether it parses', async (_name, content, status) => {
    expect(await run(content)).toMatchObject({ status })
  })

  it('names the line of the proposal where the error is', async () => {
    expect((await run('One.\n\n```json\n{\n  "a": 1,\n  b: 2\n}\n```'))?.message).toMatch(/line 6 \(JSON\)/)
  })

  it('leaves prototype names alone', async () => {
    expect(await run('```constructor\nx\n```')).toMatchObject({ status: 'skipped' })
  })
})
