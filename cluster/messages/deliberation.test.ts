import { describe, expect, test } from 'vitest'
import { submitDeliberation } from './deliberation.ts'

const base = { task: 'Design it.', role: 'DEV' }
const messagesOf = (input: object): string[] => {
  const read = submitDeliberation.safeParse({ ...base, ...input })
  return read.success ? [] : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

describe('what is attached to a run', () => {
  const file = (name: string, content = 'text') => ({ name, content })

  test.each([
    { what: 'a file of 64 kB', attachments: [file('a', 'x'.repeat(64_000))], refused: [] },
    {
      what: 'a larger one',
      attachments: [file('a', 'x'.repeat(64_001))],
      refused: ['attachments.0.content: A file may have at most 64 kB of text; shorten it, or attach the part that matters.'],
    },
    { what: 'an empty one', attachments: [file('a', '')], refused: ['attachments.0.content: The file is empty.'] },
    {
      what: 'nine files',
      attachments: Array.from({ length: 9 }, (_, i) => file(`${i}`)),
      refused: ['attachments: At most 8 files can be attached.'],
    },
    {
      what: 'more than 256 kB together',
      attachments: Array.from({ length: 5 }, (_, i) => file(`${i}`, 'x'.repeat(60_000))),
      refused: ['attachments: The files may have at most 256 kB together.'],
    },
    {
      what: 'one name twice',
      attachments: [file('a'), file('a')],
      refused: ['attachments: Two files have the same name; rename one of them.'],
    },
    { what: 'a name of two lines', attachments: [file('a\nb')], refused: ['attachments.0.name: a name on one line'] },
  ])('$what', ({ attachments, refused }) => {
    expect(messagesOf({ attachments })).toEqual(refused)
  })
})

test('fields that nobody knows are refused by name', () => {
  expect(messagesOf({ rouds: 2 })).toEqual([': Unrecognized key: "rouds"'])
  expect(messagesOf({ options: { quorums: 2 } })).toEqual(['options: Unrecognized key: "quorums"'])
})
