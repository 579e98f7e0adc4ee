import { expect, test } from 'vitest'
import { readCsv, requestLines, templateFault, type RequestTemplate } from './csv-requests.ts'

const template: RequestTemplate = {
  model: 'm',
  system: '',
  prompt: 'Sum up {{ text }}',
  idColumn: 'id',
  maxTokens: 64,
  temperature: null,
}
const table = (text: string) => {
  const read = readCsv(text)
  if (read.kind === 'fault') throw new Error(read.message)
  return read.table
}

test('each row becomes a request named by its id column', () => {
  const lines = [...requestLines(template, table('id,text\na,"Hello, you"\nb,"two\nlines"\n'))]
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      custom_id: 'a',
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'm', messages: [{ role: 'user', content: 'Sum up Hello, you' }], max_tokens: 64 },
    },
    {
      custom_id: 'b',
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'm', messages: [{ role: 'user', content: 'Sum up two\nlines' }], max_tokens: 64 },
    },
  ])
})

test('semicolons and a single column are read too', () => {
  expect(table('id;text\n1;x\n').rows).toEqual([{ id: '1', text: 'x' }])
  expect(table('text\none\ntwo\n').columns).toEqual(['text'])
})

test.each([
  ['id,text\na,x\na,y\n', template, 'Rows 2 and 3 have the same id, “a”.'],
  ['id,text\n,x\n', template, 'Row 2 has no id; each request needs its own.'],
  ['id,body\na,x\n', template, 'There is no column “text”; there are id, body.'],
  ['id,text\na,x\n', { ...template, prompt: ' ' }, 'The prompt is empty.'],
  ['id,text\na,x\n', template, null],
])('a template is held against the table before anything is made: %j', (text, given, fault) => {
  expect(templateFault(given, table(text))).toBe(fault)
})

test('a row with too many values is told by its number', () => {
  expect(readCsv('a,b\n1,2\n1,2,3\n')).toMatchObject({ kind: 'fault', message: expect.stringContaining('Row 3') as string })
})
