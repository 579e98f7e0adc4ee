import type * as z from 'zod'
import type { policy } from '../../../src-preload/contract/policy.ts'

export type PolicyRule = z.output<(typeof policy)['save']['input']>['rule']
export type PolicyView = z.output<(typeof policy)['watch']['item']>['rules'][number]
export type PolicyOutcome = z.output<(typeof policy)['test']['output']>['result']

/** A rule as a form holds it. Whether it is on is no part of it: the list switches that at once. */
export interface PolicyFields {
  name: string
  severity: PolicyRule['severity']
  message: string
  appliesTo: PolicyRule['applies_to']
  /** Separated by commas. */
  languages: string
  kind: PolicyRule['test']['kind']
  /** The expression or the pattern. */
  source: string
}

export const scopes: Readonly<Record<PolicyRule['applies_to'], { readonly label: string; readonly names: string }>> = {
  text: { label: 'The whole text', names: 'content, blocks, documents, manifests' },
  blocks: { label: 'Each fenced block', names: 'block.language, block.text, block.line' },
  documents: { label: 'Each YAML or JSON document', names: 'object' },
  manifests: { label: 'Each Kubernetes manifest', names: 'object, pod, containers' },
}

export function newPolicy(): PolicyRule {
  return {
    name: '',
    enabled: true,
    severity: 'deny',
    message: '',
    applies_to: 'text',
    languages: [],
    test: { kind: 'forbidden', pattern: '' },
  }
}

export function fieldsOf(rule: PolicyRule): PolicyFields {
  return {
    name: rule.name,
    severity: rule.severity,
    message: rule.message,
    appliesTo: rule.applies_to,
    languages: rule.languages.join(', '),
    kind: rule.test.kind,
    source: rule.test.kind === 'expression' ? rule.test.expression : rule.test.pattern,
  }
}

export function ruleOf(fields: PolicyFields, enabled: boolean): PolicyRule {
  return {
    name: fields.name.trim(),
    enabled,
    severity: fields.severity,
    message: fields.message.trim(),
    applies_to: fields.appliesTo,
    languages: fields.appliesTo === 'blocks' ? languagesOf(fields) : [],
    test: testOf(fields),
  }
}

export function testOf({ kind, source }: Pick<PolicyFields, 'kind' | 'source'>): PolicyRule['test'] {
  return kind === 'expression' ? { kind, expression: source.trim() } : { kind, pattern: source }
}

/** The rule as stored, without what the list says about it. */
export function storedRule({ builtin: _builtin, changed: _changed, ...rule }: PolicyView): PolicyRule {
  return rule
}

/** What is wrong with the form, by field; whether the expression can be used is the host's to say. */
export function problemsOf(fields: PolicyFields, takenNames: readonly string[]): Record<string, string> {
  const problems: Record<string, string> = {}
  const name = fields.name.trim()
  if (!/^[a-z][a-z0-9-]{0,59}$/.test(name)) problems['name'] = 'Lower-case letters, digits and hyphens, beginning with a letter.'
  else if (takenNames.includes(name)) problems['name'] = 'Another rule has this name.'
  if (fields.message.trim() === '') problems['message'] = 'Say what is wrong with a text that breaks the rule.'
  if (fields.source.trim() === '') problems['source'] = `Write the ${sourceName(fields.kind)}.`
  if (fields.appliesTo === 'blocks' && languagesOf(fields).length > 10) problems['languages'] = 'At most 10 languages.'
  return problems
}

export const sourceName = (kind: PolicyFields['kind']) => (kind === 'expression' ? 'expression' : 'pattern')

function languagesOf({ languages }: PolicyFields): string[] {
  return languages
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '')
}
