import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { createChecks } from '../../adapters/checks/suite.ts'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { policyRule, type PolicyRule } from '../../messages/policies.ts'
import { createPolicies, readPolicies } from './policies.ts'

const checks = createChecks(
  new URL('../../adapters/checks/thread-main.ts', import.meta.url),
  fileURLToPath(new URL('../../../resources', import.meta.url)),
)
afterAll(() => checks.stop())

const rule = (more: Partial<PolicyRule> = {}): PolicyRule =>
  policyRule.parse({
    name: 'says-rollback',
    enabled: true,
    severity: 'deny',
    message: 'It does not say how to go back.',
    applies_to: 'text',
    languages: [],
    test: { kind: 'required', pattern: '(?i)roll ?back' },
    ...more,
  })
const shipped = [rule()]
const open = () => {
  const state = createMemorySmallState()
  return { state, policies: createPolicies({ state, checks }, shipped) }
}
const names = (rules: readonly PolicyRule[]) => rules.map((each) => each.name)

describe('policy rules of an installation', () => {
  it('stand in place of the shipped ones they change, until they are reset', async () => {
    const { state, policies } = open()
    expect(await policies.write(rule({ enabled: false, severity: 'warn' }))).toEqual({ kind: 'stored' })
    expect(await readPolicies(state, shipped)).toEqual([rule({ enabled: false, severity: 'warn' })])
    expect(await policies.reset('says-rollback')).toBe(true)
    expect(await readPolicies(state, shipped)).toEqual(shipped)
    expect(await policies.reset('says-rollback')).toBe(false)
  })

  it('come after the shipped ones where they were added, and are gone when they are reset', async () => {
    const { state, policies } = open()
    await policies.write(rule({ name: 'no-todo', test: { kind: 'forbidden', pattern: 'TODO' } }))
    expect(names(await readPolicies(state, shipped))).toEqual(['says-rollback', 'no-todo'])
    await policies.reset('no-todo')
    expect(names(await readPolicies(state, shipped))).toEqual(['says-rollback'])
  })

  it.each([
    ['test.expression', { kind: 'expression', expression: 'content.contains(' }],
    ['test.expression', { kind: 'expression', expression: 'containers.size() > 0' }],
    ['test.pattern', { kind: 'forbidden', pattern: '(' }],
  ] as const)('are refused with the reason at %s when they cannot be used: %o', async (field, test) => {
    const { state, policies } = open()
    expect(await policies.write(rule({ test }))).toMatchObject({ kind: 'refused', code: 'invalid-input', field })
    expect(await readPolicies(state, shipped)).toEqual(shipped)
  })

  it('are at most a hundred of the operator’s own; changing one of them is still possible', async () => {
    const { state, policies } = open()
    for (let at = 0; at < 100; at++) await state.put(`policy.own-${at}`, rule({ name: `own-${at}` }), 'any')
    expect(await policies.write(rule({ name: 'one-more' }))).toMatchObject({
      kind: 'refused',
      code: 'overloaded',
    })
    expect(await policies.write(rule({ name: 'own-7', enabled: false }))).toEqual({ kind: 'stored' })
  })
})
