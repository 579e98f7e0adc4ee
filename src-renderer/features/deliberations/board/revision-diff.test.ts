import { describe, expect, it } from 'vitest'
import { changedLines } from './agent-cells.ts'
import { diffTexts } from './revision-diff.ts'
import { version } from './test-board.ts'

const before = 'Title\n\nRetry on any error.\nGive up after ten.\n\nEnd'
const after = 'Title\n\nRetry on refused connections.\nGive up after ten.\nTell someone.\n\nEnd'

describe('what a revision changed', () => {
  it('is counted in lines', () => {
    expect(diffTexts(before, after)).toMatchObject({ added: 2, removed: 1 })
    expect(diffTexts(before, before)).toEqual({ hunks: [], added: 0, removed: 0 })
  })

  it('is shown in hunks with the numbers of the lines', () => {
    const lines = diffTexts(before, after)?.hunks.flatMap((hunk) => hunk.lines) ?? []
    expect(lines.map((line) => [line.kind, line.line, line.spans.map((span) => span.text).join('')])).toEqual([
      ['same', 2, ''],
      ['removed', 3, 'Retry on any error.'],
      ['added', 3, 'Retry on refused connections.'],
      ['same', 4, 'Give up after ten.'],
      ['added', 5, 'Tell someone.'],
      ['same', 6, ''],
    ])
  })

  it('leaves the last line alone when more is written behind it', () => {
    expect(diffTexts('One\nTwo', 'One\nTwo\nThree')).toMatchObject({ added: 1, removed: 0 })
  })

  it('marks the changed words where a line replaces another that is alike', () => {
    const removed = diffTexts(before, after)?.hunks[0]?.lines.find((line) => line.kind === 'removed')
    expect(removed?.spans.filter((span) => span.changed).map((span) => span.text)).toContain('any')
  })

  it('says where it stands in the old text, so that quotes can be tied to it', () => {
    const hunk = diffTexts(before, after)?.hunks[0]
    expect(before.slice(hunk?.from, hunk?.to)).toContain('Retry on any error.')
  })

  it('is not spelled out when the texts have next to nothing in common', () => {
    const other = Array.from({ length: 5000 }, (_, at) => `line ${at}`).join('\n')
    expect(diffTexts('short', other)).toBeNull()
  })

  it('is worked out once per pair of versions', () => {
    const [old, next] = [version('agent-001', 0, before), version('agent-001', 1, after)]
    expect(changedLines(old, next)).toBe(changedLines(old, next))
  })
})
