import { describe, expect, it } from 'vitest'
import { bytesOf, takeFiles } from './attachment-files.ts'

const file = (name: string, content: BlobPart): File => new File([content], name)
const names = (attachments: readonly { name: string }[]) => attachments.map((attachment) => attachment.name)

describe('files for the agents', () => {
  it('are taken with their text, a newer one in place of its namesake', async () => {
    const first = await takeFiles([], [file('a.md', 'old'), file('b.md', 'über')])
    expect(first.faults).toEqual([])
    const second = await takeFiles(first.attachments, [file('a.md', 'new')])
    expect(second.attachments).toEqual([
      { name: 'b.md', content: 'über' },
      { name: 'a.md', content: 'new' },
    ])
    expect(bytesOf('über')).toBe(5)
  })

  it.each([
    ['is empty', file('x', ''), 'x is empty.'],
    ['is too large', file('x', 'y'.repeat(66_000)), 'x has 66 kB; at most 64 kB of text can be attached.'],
    [
      'is no text',
      file('x', new Uint8Array([0x50, 0x4b, 0, 0xff])),
      'x is not text in UTF-8; only text can be shown to the agents.',
    ],
  ])('are left out, and the reason told, where one %s', async (_, bad, fault) => {
    const taken = await takeFiles([], [bad, file('good.md', 'text')])
    expect(names(taken.attachments)).toEqual(['good.md'])
    expect(taken.faults.map((text) => text.replaceAll('\u00a0', ' '))).toEqual([fault])
  })

  it('are eight at most, and 256 kB together', async () => {
    const many = Array.from({ length: 9 }, (_, index) => file(`${index}.md`, 'text'))
    expect((await takeFiles([], many)).faults).toEqual(['8.md was left out: at most 8 files can be attached.'])
    const large = Array.from({ length: 5 }, (_, index) => file(`${index}.md`, 'y'.repeat(60_000)))
    const taken = await takeFiles([], large)
    expect(names(taken.attachments)).toEqual(['0.md', '1.md', '2.md', '3.md'])
    expect(taken.faults).toEqual(['4.md was left out: with it the files would have more than 256 kB together.'])
  })
})
