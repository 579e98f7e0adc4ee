import { readFile } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { policyRule, type PolicyRule } from '../../../messages/policies.ts'
import { createChecks } from '../suite.ts'

const checks = createChecks(new URL('../thread-main.ts', import.meta.url), '')
afterAll(() => checks.stop())

const shipped = z
  .array(policyRule)
  .parse(parse(await readFile(new URL('../../../../resources/policies.yaml', import.meta.url), 'utf8')))

const rule = (over: Partial<PolicyRule>): PolicyRule => ({
  name: 'mine',
  enabled: true,
  severity: 'deny',
  message: 'Not so.',
  applies_to: 'text',
  languages: [],
  test: { kind: 'forbidden', pattern: 'TODO' },
  ...over,
})

async function held(
  content: string,
  rules: readonly PolicyRule[],
  requirements: { id: string; text: string; expression?: string }[] = [],
) {
  const { details, ...result } = await checks.policy({ content, rules, requirements })
  return { ...result, violations: details?.kind === 'policy' ? details.violations : [] }
}

const pod = (container: string) =>
  `Deploy this:\n\n\`\`\`yaml\napiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - ${container}\n\`\`\`\n`
const sound = '{ name: a, image: "app:1.2", resources: { limits: { memory: 1Gi }, requests: { cpu: 1, memory: 1Gi } } }'

describe('the shipped rules', () => {
  it('let a sound manifest pass', async () => {
    expect(await held(pod(sound), shipped)).toMatchObject({ status: 'passed', warnings: 0, violations: [] })
  })

  it.each([
    ['no-private-keys', 'x\n-----BEGIN RSA PRIVATE KEY-----\n', { line: 2, path: null }],
    ['no-access-tokens', 'key: AKIAIOSFODNN7EXAMPLE', { line: 1, path: null }],
    [
      'no-privileged-containers',
      pod(sound.replace('name: a', 'name: a, securityContext: { privileged: true }')),
      { line: 4, path: 'Pod/web' },
    ],
    ['no-latest-images', pod(sound.replace('app:1.2', 'app:latest')), { line: 4, path: 'Pod/web' }],
    ['no-latest-images', pod(sound.replace('app:1.2', 'registry:5000/app')), { line: 4, path: 'Pod/web' }],
    ['no-latest-base-images', '```dockerfile\nRUN x\nFROM --platform=linux/amd64 node:latest AS b\n```', { line: 3, path: null }],
    ['memory-limits', pod(sound.replace('limits: { memory: 1Gi }', 'limits: { cpu: 1 }')), { line: 4, path: 'Pod/web' }],
  ])('%s names itself and the place', async (name, content, where) => {
    const result = await held(content, shipped)
    expect(result).toMatchObject({ status: 'failed', violations: [{ rule: name, severity: 'deny', where }] })
    expect(result.message).toContain(name)
  })

  it.each([
    ['no-written-passwords', "password = 'hunter2hunter2'"],
    ['resource-requests', pod('{ name: a, image: "app:1.2", resources: { limits: { memory: 1Gi } } }')],
  ])('%s only warns', async (name, content) => {
    expect(await held(content, shipped)).toMatchObject({
      status: 'passed',
      warnings: 1,
      violations: [{ rule: name, severity: 'warn' }],
    })
  })

  it('look into the pods that other kinds make', async () => {
    const job = (spec: string) =>
      `\`\`\`yaml\napiVersion: batch/v1\nkind: CronJob\nspec: { jobTemplate: { spec: { template: { spec: ${spec} } } } }\n\`\`\``
    expect(await held(job('{ containers: [{ image: "a:latest" }] }'), shipped)).toMatchObject({ status: 'failed' })
  })
})

describe('a rule of the operator', () => {
  it.each([
    [
      'an expression over a document',
      rule({ applies_to: 'documents', test: { kind: 'expression', expression: 'object.replicas >= 2' } }),
      '```json\n{"replicas": 2}\n```',
      '```json\n{"replicas": 1}\n```',
    ],
    [
      'an expression over the text',
      rule({ test: { kind: 'expression', expression: "content.contains('rollback') && blocks.size() == 0" } }),
      'With a rollback.',
      'Without.',
    ],
    [
      'a forbidden pattern in blocks of a language',
      rule({ applies_to: 'blocks', languages: ['python'], test: { kind: 'forbidden', pattern: '\\beval\\(' } }),
      '```py\nx = 1\n```\neval(',
      '```py\neval("x")\n```',
    ],
    ['a required pattern', rule({ test: { kind: 'required', pattern: '(?m)^## Risks' } }), '## Risks\nNone.', 'No risks.'],
  ])('%s: met and broken', async (_name, one, met, broken) => {
    expect(await held(met, [one])).toMatchObject({ status: 'passed', violations: [] })
    expect(await held(broken, [one])).toMatchObject({ status: 'failed', violations: [{ rule: 'mine', message: 'Not so.' }] })
  })

  it('counts neither way where it has nothing to look at, or is switched off', async () => {
    const manifests = rule({ applies_to: 'manifests', test: { kind: 'expression', expression: 'false' } })
    expect(await held('Words.', [manifests, rule({ enabled: false })])).toMatchObject({ status: 'skipped' })
  })

  it('that cannot be evaluated on a text makes the check an error that names it', async () => {
    const one = rule({ applies_to: 'documents', test: { kind: 'expression', expression: 'object.a.b == 1' } })
    expect(await held('```json\n{}\n```', [one])).toMatchObject({
      status: 'error',
      violations: [{ rule: 'mine', severity: 'error' }],
    })
  })

  it.each([
    [{ kind: 'expression', expression: 'content.contains(' }, 'text', /^line 1, column \d+: .*expecting/],
    [{ kind: 'expression', expression: 'nosuch == 1' }, 'text', /unresolved.*content, blocks/],
    [{ kind: 'expression', expression: 'content.nosuch()' }, 'text', /unbound/],
    [{ kind: 'expression', expression: 'content' }, 'text', /true or false/],
    [{ kind: 'expression', expression: '('.repeat(1900) }, 'text', /./],
    [{ kind: 'forbidden', pattern: '(a' }, 'text', /missing closing/],
    [{ kind: 'forbidden', pattern: '(a)\\1' }, 'text', /escape/],
    [{ kind: 'required', pattern: 'fine' }, 'text', null],
    [{ kind: 'expression', expression: 'containers.all(c, has(c.image))' }, 'manifests', null],
    [{ kind: 'expression', expression: "object.kind != 'Pod'" }, 'manifests', null],
  ] as const)('says what is wrong with %j', async (test, applies_to, fault) => {
    const found = await checks.faultOf({ test, applies_to })
    if (fault === null) expect(found).toBeNull()
    else expect(found).toMatch(fault)
  })
})

describe('requirements with an expression', () => {
  it('are checked, and named where they are not met', async () => {
    const requirements = [
      { id: 'R1', text: 'Names a rollback', expression: "content.matches('(?i)rollback')" },
      { id: 'R2', text: 'Is judged by peers alone' },
      { id: 'R3', text: 'Has a manifest', expression: 'manifests.size() > 0' },
    ]
    const result = await held('Rollback: none.', [], requirements)
    expect(result).toMatchObject({ status: 'failed', message: '2 rules applied, broken: R3.' })
    expect(result.violations).toMatchObject([{ rule: 'R3', message: 'Requirement not met: Has a manifest' }])
  })
})

describe('hostile patterns and texts', () => {
  it('a pattern that others would backtrack on for ages ends', async () => {
    const one = rule({ test: { kind: 'required', pattern: '^(a+)+$' } })
    expect(await held(`${'a'.repeat(50_000)}!`, [one])).toMatchObject({ status: 'failed' })
  })

  it('so does `matches` in an expression', async () => {
    const one = rule({ test: { kind: 'expression', expression: "!content.matches('^(a+)+$')" } })
    expect(await held(`${'a'.repeat(50_000)}!`, [one])).toMatchObject({ status: 'passed' })
  })

  it('a document that multiplies itself makes the check an error, never a pass', async () => {
    const bomb = [
      'a: &a [x]',
      ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[at]!}`).join(', ')}]`),
    ]
    expect(await held(`\`\`\`yaml\n${bomb.join('\n')}\n\`\`\``, [rule({ applies_to: 'documents' })])).toMatchObject({
      status: 'error',
    })
  })

  it('2 MB of text is read in time', async () => {
    expect(await held('password = x\n'.repeat(160_000), shipped.slice(0, 1))).toMatchObject({ status: 'passed' })
  })
})
