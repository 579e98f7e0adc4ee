import { afterAll, describe, expect, it } from 'vitest'
import { createCheckThread } from './check-thread.ts'
import { lint as lintWith } from './lint.ts'

const thread = createCheckThread(new URL('./thread-main.ts', import.meta.url))
afterAll(() => thread.stop())

const fenced = (language: string, text: string) => `Text.\n\`\`\`${language}\n${text}\n\`\`\``
async function lint(content: string, sections: readonly string[] = []) {
  const { details, ...result } = await lintWith(content, thread, sections)
  return { ...result, details: details?.kind === 'lint' ? details : undefined }
}

describe('the lint check', () => {
  it.each([
    ['yaml', 'a: 1\nb: [1, 2]'],
    ['yml', 'a: 1\n---\nb: 2'],
    ['k8s', 'apiVersion: v1\nkind: Service\nmetadata: {name: web}'],
    ['json', '{"a": [1, 2, null]}'],
    ['jsonc', '{\n  // why\n  "a": 1,\n}'],
    ['ts', 'interface A { readonly b?: string }\nexport const f = async <T>(x: T): Promise<T> => await x satisfies T'],
    ['ts', 'export const A = () => <b>fenced as plain TypeScript</b>'],
    ['tsx', 'export const A = ({ b }: { b: string }) => <i>{b}</i>'],
    ['javascript', 'const { a, ...rest } = await load()\nreturn a?.b ?? rest'],
    ['jsx', 'const a = <>text</>'],
    [
      'python',
      'async def f(x: list[int]) -> str:\n    match x:\n        case [1, *_]:\n            return f"{x!r}"\n    return ""',
    ],
    ['bash', 'set -euo pipefail\nfor f in *.txt; do\n  echo "${f%.txt}" | tee -a log\ndone\ncat <<EOF\nx\nEOF'],
    ['sql', 'WITH t AS (SELECT 1 AS n) SELECT n, row_number() OVER (ORDER BY n) FROM t WHERE n IN (1, 2);'],
    ['sql', 'SELECT TOP 5 [name] FROM dbo.users WITH (NOLOCK)'],
    ['sql', 'CREATE TABLE `t` (`id` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;'],
    ['postgresql', 'INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = EXCLUDED.a RETURNING *;'],
    [
      'dockerfile',
      'FROM node:24 AS build\nRUN --mount=type=cache,target=/c npm ci\nCOPY --from=build /a /b\nCMD ["node", "x.js"]',
    ],
  ])('passes sound %s', async (language, text) => {
    expect(await lint(fenced(language, text))).toMatchObject({ status: 'passed', details: { error_count: 0 } })
  })

  it.each([
    ['yaml', 'a: [1, 2\nb: }', { line: 4, language: 'YAML' }],
    ['k8s', 'kind: Pod\n metadata: {}', { line: 3, language: 'Kubernetes' }],
    ['json', '{\n  "a": }', { line: 4, column: 8, rule: 'json-syntax', language: 'JSON' }],
    ['json', '{"a": 1', { line: 3, language: 'JSON' }],
    ['jsonc', '{ "a": }', { line: 3, rule: 'TS1109', language: 'JSONC' }],
    ['ts', 'const a: = 1', { line: 3, column: 10, rule: 'TS1110', language: 'TypeScript' }],
    ['js', 'const a: string = 1', { line: 3, rule: 'TS8010', language: 'JavaScript' }],
    ['jsx', 'const a = <b>', { language: 'JavaScript' }],
    ['python', 'def f()\n    return 1', { line: 3, rule: 'syntax-error', language: 'Python' }],
    ['python', 'x = 1\nif x:\ny = 2', { rule: 'empty-block', language: 'Python' }],
    ['bash', 'if [ 1 ]; then\n  echo 1', { line: 3, rule: 'syntax-error', language: 'Shell' }],
    ['sql', 'SELECT 1;\nSELECT a,, b FROM t', { line: 4, column: 10, rule: 'E003', language: 'SQL' }],
    ['sqlite', 'SELECT (1', { rule: 'E003', language: 'SQL' }],
    ['dockerfile', 'FROM node:24\nRUNN npm ci', { line: 4, rule: 'unknown-instruction', language: 'Dockerfile' }],
  ])('fails broken %s and says where and by which rule', async (language, text, error) => {
    const result = await lint(fenced(language, text))
    expect(result).toMatchObject({ status: 'failed' })
    expect(result.details?.errors[0]).toMatchObject({ severity: 'error', ...error })
  })

  it.each([
    ['yaml', 'a: 1\na: 2', 'DUPLICATE_KEY'],
    ['json', '{"a": 1, "a": 2}', 'duplicate-key'],
    ['dockerfile', 'FROM node:24\nrun npm ci', 'casing-instruction'],
    ['dockerfile', 'RUN npm ci', 'no-source-image'],
  ])('passes %s with a warning where the parser only warns: %j', async (language, text, rule) => {
    const result = await lint(fenced(language, text))
    expect(result).toMatchObject({ status: 'passed', warnings: 1, details: { warning_count: 1 } })
    expect(result.details?.errors).toMatchObject([{ severity: 'warning', rule }])
  })

  it.each([
    ['', 'x = {', 'names no language'],
    ['rust', 'fn main( {', 'no parser for “rust”'],
    ['constructor', 'x', 'no parser for “constructor”'],
    ['yaml', 'a: {{ .Values.x }}{{ end', 'template'],
    ['bash', '$ npm ci', 'terminal session'],
    ['python', '>>> 1 + 1', 'interactive session'],
    ['sql', '\\copy t from x', 'SQL client'],
  ])('is skipped, and counts neither way, for what its parsers do not know: %s', async (language, text, reason) => {
    const result = await lint(fenced(language, text))
    expect(result).toMatchObject({ status: 'skipped', warnings: 0 })
    expect(result.message).toContain(reason)
  })

  it('is skipped where a proposal has no fenced block', async () => {
    expect(await lint('Just words.')).toMatchObject({ status: 'skipped', message: 'No fenced block to parse.' })
  })

  it('judges the blocks that it knows and says which it left out', async () => {
    const result = await lint(`${fenced('json', '{}')}\n${fenced('cobol', 'MOVE')}`)
    expect(result).toMatchObject({ status: 'passed', message: '1 block parsed, 1 skipped, no error.' })
    expect(result.details?.blocks).toEqual([
      { language: 'JSON', line: 3, skipped: null },
      { language: 'cobol', line: 7, skipped: 'there is no parser for “cobol”' },
    ])
  })

  it('fails a text without a section that it must have, and names the section beside what its blocks lack', async () => {
    const result = await lint(`# Plan\n${fenced('json', '{"a": }')}`, ['Plan', 'Risks'])
    expect(result).toMatchObject({ status: 'failed', details: { error_count: 2 } })
    expect(result.message).toMatch(
      /^1 of 2 required sections there, 1 block parsed, 2 errors: line 5 \(Markdown\): The section “Risks” is/,
    )
    expect(result.details?.errors).toMatchObject([
      { line: 5, block_line: 5, column: 1, rule: 'section-missing', language: 'Markdown', severity: 'error' },
      { line: 4, language: 'JSON' },
    ])
  })

  it('is no longer skipped for plain words where sections are asked for', async () => {
    expect(await lint('# Plan\nGo.', ['plan'])).toMatchObject({
      status: 'passed',
      message: '1 of 1 required sections there, no error.',
    })
  })

  it('reads a fence in a list without the indentation of the list', async () => {
    const text = '1. First:\n\n   ```python\n   def f():\n       return 1\n   ```\n2. Then:\n   ```json\n   {"a": }\n   ```'
    expect((await lint(text)).details?.errors).toMatchObject([{ line: 9, block_line: 1, column: 10, language: 'JSON' }])
  })

  it('warns of a fence that is never closed', async () => {
    expect((await lint('```json\n{}')).details?.errors).toMatchObject([{ rule: 'fence-unclosed', severity: 'warning' }])
  })

  it('lists the first errors and counts them all', async () => {
    const { details } = await lint(Array.from({ length: 30 }, () => fenced('json', '{')).join('\n'))
    expect({ count: details?.error_count, listed: details?.errors.length }).toEqual({ count: 30, listed: 20 })
  })
})

describe('hostile text', () => {
  it.each([
    ['2 MB in one block', () => fenced('json', `"${'x'.repeat(2_000_000)}"`), /longer than the 256 kB/],
    ['one line of 2 MB', () => 'x'.repeat(2_000_000), /No fenced block/],
    ['2 MB of backticks', () => '`'.repeat(2_000_000), /names no language/],
    ['SQL nested 20,000 deep', () => fenced('sql', `SELECT ${'('.repeat(20_000)}`), /deeper than the parser goes/],
    ['TypeScript nested 20,000 deep', () => fenced('ts', '['.repeat(20_000)), /deeper than the parser goes/],
  ])('is left out with the reason: %s', async (_name, text, reason) => {
    const result = await lint(text())
    expect(result.status).toBe('skipped')
    expect(result.message).toMatch(reason)
  })

  it('leaves the suite in order for the next text', async () => {
    expect(await lint(fenced('yaml', 'a: 1'))).toMatchObject({ status: 'passed' })
  })

  it('lets the host go on while a long block is parsed', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await lint(fenced('python', 'def f(x):\n    return x + 1\n'.repeat(9000)))
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(3)
  })
})
