import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { linkIn, readLink } from './link.mjs'

describe('The link of the server shell', () => {
  test.each([
    ['{"url":"http://127.0.0.1:4173","token":"t"}', 'http://127.0.0.1:4173/?token=t'],
    ['{"url":"http://127.0.0.1:4173"}', undefined],
    ['{"port":4173}', undefined],
    ['{broken', undefined],
    ['listening on http://127.0.0.1:4173', undefined],
  ])('in %s is %s', (line, link) => {
    expect(linkIn(line)).toBe(link)
  })

  test('is found in output that arrives in pieces, and the other lines are passed on', async () => {
    const output = new PassThrough()
    let passedOn = ''
    const link = readLink(output, (text) => (passedOn += text))
    for (const piece of ['one\n{"url":"http://', '127.0.0.1:1","token":"t"}\n', 'two\n']) output.write(piece)
    expect(await link).toBe('http://127.0.0.1:1/?token=t')
    output.end()
    await new Promise((resolve) => output.on('close', resolve))
    expect(passedOn).toBe('one\ntwo\n')
  })
})
