import { describe, expect, it } from 'vitest'
import type { BatchEndpoint } from '../../messages/batch.ts'
import type { NewRequest } from '../../ports/batch-requests.ts'
import { createCustomIds } from './custom-ids.ts'
import { createFileValidation } from './validation.ts'
import { createValidator, fileLimits } from './validator.ts'

const chat = '/v1/chat/completions'

describe('A file of requests', () => {
  it('is told what it holds', () => {
    const lines = [line('a', { max_tokens: 10 }), line('b', { max_tokens: 20, n: 2 }), line('c', { messages: [user('ü')] })]
    const report = reportOf(lines.join('\n'))
    expect(report).toMatchObject({ lines: 3, requests: 3, error_count: 0, errors: [], model: 'm', max_tokens_sum: 50 })
    expect(report.tokens_in_estimate).toBe(9 + 9 + 5)
    expect(report.preview).toEqual(lines)
    expect(report.bytes).toBe(Buffer.byteLength(lines.join('\n')))
  })

  it.each([
    ['nothing', ''],
    ['blank lines', '\n \r\n\n'],
    ['a byte order mark', '\ufeff'],
  ])('with %s is empty', (_, text) => {
    expect(codes(text)).toEqual([[expect.any(Number), 'empty_file']])
  })

  it.each([
    ['no newline at its end', `${line('a')}\n${line('b')}`],
    ['Windows line ends', `${line('a')}\r\n${line('b')}\r\n`],
    ['a byte order mark', `\ufeff${line('a')}\n${line('b')}\n`],
    ['blank lines', `\n${line('a')}\n\n  \n${line('b')}\n\n`],
    ['spaces around the parts', ` ${line('a').replaceAll(':', ' : ').replaceAll(',', ' , ')}\n\t${line('b')} \n`],
  ])('may have %s; each body lies where it is said to', (_, text) => {
    for (const pieceBytes of [1, 7, 100_000]) {
      const requests = requestsOf(text, pieceBytes)
      const bytes = Buffer.from(text)
      expect(requests.map(({ customId }) => customId)).toEqual(['a', 'b'])
      for (const { offset, length, bodyOffset, bodyLength, n } of requests) {
        expect(JSON.parse(bytes.subarray(bodyOffset, bodyOffset + bodyLength).toString())).toEqual({
          model: 'm',
          messages: [user('Say hello to them.')],
        })
        expect(JSON.parse(bytes.subarray(offset, offset + length).toString())).toMatchObject({ method: 'POST' })
        expect(text.split('\n')[n]).toContain('custom_id')
      }
    }
  })

  it.each([
    ['body first', { body: { model: 'm', messages: [user('x')] }, custom_id: 'a', method: 'POST', url: chat }],
    [
      'a field that is not known',
      { custom_id: 'a', extra: { body: {} }, method: 'POST', url: chat, body: { model: 'm', messages: [user('}}{')] } },
    ],
    [
      'a brace in its custom_id',
      { custom_id: '{"body":{', method: 'POST', url: chat, body: { model: 'm', messages: [user('x')] } },
    ],
    [
      'characters of several bytes',
      { custom_id: 'ü', method: 'POST', url: chat, body: { model: 'm', messages: [user('日本語')] } },
    ],
  ])('finds the body of a line with %s', (_, value) => {
    const text = JSON.stringify(value)
    const [request] = requestsOf(text, 10)
    const { bodyOffset = 0, bodyLength = 0 } = request ?? {}
    expect(
      JSON.parse(
        Buffer.from(text)
          .subarray(bodyOffset, bodyOffset + bodyLength)
          .toString(),
      ),
    ).toEqual(value.body)
  })

  it.each<[string, string, string, string | null]>([
    ['no JSON', '{"custom_id": nope}', 'invalid_json', null],
    ['a list', '[]', 'invalid_json', null],
    ['null', 'null', 'invalid_json', null],
    ['no custom_id', line(undefined), 'missing_custom_id', 'custom_id'],
    ['an empty custom_id', line(''), 'missing_custom_id', 'custom_id'],
    ['a number as custom_id', line(7), 'missing_custom_id', 'custom_id'],
    ['a long custom_id', line('x'.repeat(513)), 'invalid_custom_id', 'custom_id'],
    ['another method', JSON.stringify({ ...JSON.parse(line('a')), method: 'GET' }), 'wrong_method', 'method'],
    ['another url', JSON.stringify({ ...JSON.parse(line('a')), url: '/v1/embeddings' }), 'wrong_url', 'url'],
    ['no body', JSON.stringify({ custom_id: 'a', method: 'POST', url: chat }), 'invalid_body', 'body'],
    ['no model', line('a', { model: undefined }), 'invalid_body', 'body.model'],
    ['streaming', line('a', { stream: true }), 'streaming', 'body.stream'],
    ['no messages', line('a', { messages: [] }), 'invalid_body', 'body.messages'],
    ['a message without content', line('a', { messages: [{ role: 'user' }] }), 'invalid_body', 'body.messages.0.content'],
    ['an unknown role', line('a', { messages: [{ role: 'boss', content: 'x' }] }), 'invalid_body', 'body.messages.0.role'],
    [
      'a part without type',
      line('a', { messages: [{ role: 'user', content: [{}] }] }),
      'invalid_body',
      'body.messages.0.content.0',
    ],
    ['max_tokens of 0', line('a', { max_tokens: 0 }), 'invalid_body', 'body.max_tokens'],
    ['half an answer', line('a', { n: 0.5 }), 'invalid_body', 'body.n'],
    ['a temperature of 3', line('a', { temperature: 3 }), 'invalid_body', 'body.temperature'],
    ['a temperature in words', line('a', { temperature: 'hot' }), 'invalid_body', 'body.temperature'],
  ])('is refused for a line with %s', (_, text, code, param) => {
    const report = reportOf(`${line('before')}\n${text}\n${line('after')}`)
    expect(report.errors).toEqual([expect.objectContaining({ line: 2, code, param })])
    expect(report).toMatchObject({ error_count: 1, requests: 3 })
  })

  it('is told every fault of a line, not only the first', () => {
    const faults = codes(line('', { stream: true, temperature: 9, messages: undefined }))
    expect(faults.map(([, code]) => code)).toEqual(['missing_custom_id', 'streaming', 'invalid_body', 'invalid_body'])
  })

  it.each([
    ['{"custom_id":"a",}', 18],
    ['{"custom_id" "a"}', 14],
    ['{"a":1', 7],
    ['{"a":"b\u0001"}', 6],
    ['{"a":01}', 7],
    ['{} x', 4],
    ['{"a":[1,2}', 10],
  ])('says in which column %s stops being JSON', (text, column) => {
    expect(reportOf(text).errors).toEqual([expect.objectContaining({ line: 1, column, code: 'invalid_json' })])
  })

  it('is told of bytes that are not UTF-8, and of the lines after them', () => {
    const bytes = Buffer.concat([Buffer.from(`${line('a')}\n{"x":"`), Buffer.from([0xff]), Buffer.from(`"}\n${line('a')}\n`)])
    expect(reportOf(bytes).errors.map(({ line: at, column, code }) => [at, column, code])).toEqual([
      [2, 7, 'invalid_json'],
      [3, null, 'duplicate_custom_id'],
    ])
  })

  it('names both lines of a custom_id that comes twice, and all models but the first', () => {
    const report = reportOf([line('a'), line('b', { model: 'other' }), line('a')].join('\n'))
    expect(report.errors.map(({ line: at, code, message }) => [at, code, message])).toEqual([
      [2, 'wrong_model', 'All requests of a file need one model: "m", not "other".'],
      [3, 'duplicate_custom_id', 'Line 1 has this custom_id already. Give each request its own.'],
    ])
  })

  it('counts all errors and lists the first thousand', () => {
    const report = reportOf('{}\n'.repeat(2_500))
    expect([report.errors.length, report.error_count > 2_500]).toEqual([1_000, true])
  })

  it('may have so many requests; the rest is not looked at', () => {
    const text = Array.from({ length: 5 }, (_, index) => line(`${index}`)).join('\n')
    expect(codes(`${text}\nnope`, { requests: 3 })).toEqual([[4, 'too_many_lines']])
    expect(codes(text, { requests: 5 })).toEqual([])
  })

  it('is told of a line that is too long, without holding it', () => {
    const long = line('b', { messages: [user('x'.repeat(5_000))] })
    for (const pieceBytes of [64, 3_000, 1_000_000])
      expect(codes([line('a'), long, line('a')].join('\n'), { lineBytes: 1_000 }, pieceBytes)).toEqual([
        [2, 'too_long'],
        [3, 'duplicate_custom_id'],
      ])
  })

  it.each<[BatchEndpoint, object, boolean]>([
    ['/v1/completions', { prompt: 'x' }, true],
    ['/v1/completions', { prompt: ['x', 'y'] }, true],
    ['/v1/completions', { prompt: [1, 2] }, true],
    ['/v1/completions', { prompt: '' }, false],
    ['/v1/completions', { messages: [user('x')] }, false],
    ['/v1/embeddings', { input: ['x', 'y'] }, true],
    ['/v1/embeddings', { input: [[1, 2], [3]] }, true],
    ['/v1/embeddings', { input: [] }, false],
    ['/v1/embeddings', { input: ['x', ''] }, false],
  ])('of %s takes a body with %j: %s', (url, body, isSound) => {
    const text = JSON.stringify({ custom_id: 'a', method: 'POST', url, body: { model: 'm', ...body } })
    expect(reportOf(text, {}, 1_000, url).error_count).toBe(isSound ? 0 : 1)
  })

  it('may have so many inputs of embeddings in all', () => {
    const url = '/v1/embeddings'
    const text = ['a', 'b', 'c']
      .map((id) => JSON.stringify({ custom_id: id, method: 'POST', url, body: { model: 'm', input: ['x', 'y'] } }))
      .join('\n')
    expect(reportOf(text, { embeddingInputs: 4 }, 1_000, url).errors.map(({ line: at, code }) => [at, code])).toEqual([
      [3, 'too_many_inputs'],
    ])
  })

  it('has another fingerprint when the model, the endpoint or a parameter changes, and the same when a text does', () => {
    const fingerprint = (change: object, index = 0) =>
      reportOf([0, 1, 2].map((at) => line(`${at}`, { temperature: 0.5, ...(at === index && change) })).join('\n')).fingerprint
    const whole = fingerprint({})
    expect(fingerprint({ messages: [user('something else')] })).toBe(whole)
    const others = [
      fingerprint({ temperature: 0.7 }),
      fingerprint({ temperature: 0.7 }, 2),
      fingerprint({ response_format: { type: 'text' } }),
    ]
    expect(new Set([whole, ...others]).size).toBe(4)
  })

  it('names the sampling parameters that all requests share, the seed among them, and none where they differ', () => {
    const sampling = (...seeds: number[]) =>
      reportOf(seeds.map((seed, at) => line(`${at}`, { temperature: 0.5, seed })).join('\n')).sampling
    expect(sampling(7, 7, 7)).toEqual({ temperature: 0.5, seed: 7 })
    expect([sampling(7, 7, 8), sampling(7, 8, 7)]).toEqual([null, null])
  })
})

describe('The ids of a file', () => {
  it('are each known again, among many', () => {
    const ids = createCustomIds()
    for (let n = 0; n < 20_000; n++) expect(ids.add(`request-${n}`, n)).toBe(-1)
    for (let n = 0; n < 20_000; n += 7) expect(ids.add(`request-${n}`, 1)).toBe(n)
    expect(ids.add('request-日本', 5)).toBe(-1)
  })
})

describe('The validation thread', () => {
  const validation = createFileValidation(new URL('./thread-main.ts', import.meta.url))

  it('finds the only error of a file on its last line, and the requests that may be too long', async () => {
    const text = Array.from({ length: 2_000 }, (_, n) => line(`${n}`, { max_tokens: n === 7 ? 4_090 : 10 })).join('\n')
    const requests: NewRequest[] = []
    const take = (some: readonly NewRequest[]) => Promise.resolve(void requests.push(...some))
    const sound = await validation.validate(stream(text), chat, take)
    expect(sound.report).toMatchObject({ requests: 2_000, error_count: 0 })
    expect(requests.map(({ n }) => n)).toEqual(Array.from({ length: 2_000 }, (_, n) => n))
    expect([...sound.suspects(4_096)].map(({ n }) => n)).toEqual([7])

    const faulty = await validation.validate(stream(`${text}\n${line('0')}`), chat)
    expect(faulty.report.errors).toMatchObject([{ line: 2_001, code: 'duplicate_custom_id' }])
  })

  it('finds it at the end of 200 MB as well', async () => {
    const text = 'x'.repeat(3_850)
    async function* pieces() {
      for (let first = 0; first < 50_000; first += 500) {
        const ids = Array.from({ length: 500 }, (_, n) => (first + n === 49_999 ? '0' : `${first + n}`))
        const lines = ids.map((id) => `${line(id, { messages: [{ role: 'user', content: text }] })}\n`)
        yield await Promise.resolve(Buffer.from(lines.join('')))
      }
    }
    const { report } = await validation.validate(pieces(), chat)
    expect(report.bytes).toBeGreaterThan(198_000_000)
    expect(report).toMatchObject({ lines: 50_000, error_count: 1, errors: [{ line: 50_000, code: 'duplicate_custom_id' }] })
  })

  it('passes on what breaks the content, and goes on with the next file', async () => {
    const broken = (async function* () {
      yield await Promise.resolve(Buffer.from(line('a')))
      throw new Error('the store is away')
    })()
    await expect(validation.validate(broken, chat)).rejects.toThrow('the store is away')
    const full = () => Promise.reject(new Error('no room'))
    await expect(validation.validate(stream(line('a')), chat, full)).rejects.toThrow('no room')
    await expect(validation.validate(stream(line('a')), chat, undefined, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    )
    expect((await validation.validate(stream(line('a')), chat)).report.error_count).toBe(0)
  })
})

function user(content: string) {
  return { role: 'user', content }
}

function line(customId: unknown, change: object = {}): string {
  const body = { model: 'm', messages: [user('Say hello to them.')], ...change }
  return JSON.stringify({ custom_id: customId, method: 'POST', url: chat, body })
}

function reportOf(
  content: string | Buffer,
  limits: Partial<typeof fileLimits> = {},
  pieceBytes = 1_000,
  endpoint: BatchEndpoint = chat,
) {
  const validator = createValidator(endpoint, false, { ...fileLimits, ...limits })
  const bytes = Buffer.from(content)
  for (let start = 0; start < bytes.length; start += pieceBytes) validator.push(bytes.subarray(start, start + pieceBytes))
  return validator.end()
}

function codes(content: string, limits: Partial<typeof fileLimits> = {}, pieceBytes = 1_000): [number, string][] {
  return reportOf(content, limits, pieceBytes).errors.map((error) => [error.line, error.code])
}

function requestsOf(text: string, pieceBytes: number) {
  const validator = createValidator(chat, true)
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += pieceBytes)
    validator.push(Buffer.from(bytes.subarray(start, start + pieceBytes)))
  const { errors } = validator.end()
  expect(errors).toEqual([])
  const numbers = validator.columns.since(0)
  return validator.takeIds().map((customId, index) => {
    const [n = 0, offset = 0, length = 0, bodyOffset = 0, bodyLength = 0] = numbers.subarray(index * 8)
    return { customId, n, offset, length, bodyOffset, bodyLength }
  })
}

async function* stream(text: string): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += 50_000) yield await Promise.resolve(bytes.subarray(start, start + 50_000))
}
