import { RE2JS } from 're2js'
import type { PolicyViolation } from '../../../messages/check-results.ts'
import type { PolicyRule, RuleTest } from '../../../messages/policies.ts'
import type { CheckedText } from '../../../ports/checks.ts'
import { placeOf } from '../finding.ts'
import { compileExpression } from './expression.ts'
import { emptyVariables, readText, subjectsOf, type Subject } from './scopes.ts'

export interface PolicyFindings {
  /** Names of the rules that had something to look at. */
  readonly applied: readonly string[]
  readonly violations: readonly PolicyViolation[]
}

/** Of one rule; the rest says nothing new. */
const MAX_PER_RULE = 10

/** Applies the rules, and the requirements that have an expression, to a text. */
export function evaluatePolicy({ content, rules, requirements }: CheckedText): PolicyFindings {
  const read = readText(content)
  const demanded = requirements.flatMap(({ id, text, expression }) =>
    expression === undefined ? [] : [requirementRule(id, text, expression)],
  )
  const applied: string[] = []
  const violations: PolicyViolation[] = []
  for (const rule of [...rules.filter((each) => each.enabled), ...demanded]) {
    const subjects = subjectsOf(read, rule)
    if (subjects.length === 0) continue
    applied.push(rule.name)
    violations.push(...violationsOf(rule, subjects).slice(0, MAX_PER_RULE))
  }
  return { applied, violations }
}

function requirementRule(id: string, text: string, expression: string): PolicyRule {
  return {
    name: id,
    enabled: true,
    severity: 'deny',
    message: `Requirement not met: ${text}`.slice(0, 300),
    applies_to: 'text',
    languages: [],
    test: { kind: 'expression', expression },
  }
}

type Hit = { readonly kind: 'broken'; readonly line: number | null } | { readonly kind: 'fault'; readonly reason: string }

function violationsOf(rule: PolicyRule, subjects: readonly Subject[]): PolicyViolation[] {
  const look = lookFor(rule.test)
  return subjects.flatMap((subject) =>
    look(subject).map((hit) => ({
      rule: rule.name,
      ...(hit.kind === 'broken'
        ? { severity: rule.severity, message: rule.message, where: { ...subject.where, line: lineIn(rule, subject, hit.line) } }
        : { severity: 'error' as const, message: `The rule cannot be evaluated here: ${hit.reason}`, where: subject.where }),
    })),
  )
}

/** Lines of a document's text are not those of the proposal: there the document's own line is named. */
function lineIn({ applies_to }: PolicyRule, { where }: Subject, line: number | null): number | null {
  if (line === null) return where.line
  if (applies_to === 'text') return line
  return applies_to === 'blocks' ? (where.line ?? 1) + line - 1 : where.line
}

function lookFor(test: RuleTest): (subject: Subject) => Hit[] {
  switch (test.kind) {
    case 'expression': {
      const expression = compileExpression(test.expression)
      return ({ variables }) => {
        const verdict = expression(variables)
        if (verdict.kind === 'sound') return []
        return [verdict.kind === 'broken' ? { kind: 'broken', line: null } : verdict]
      }
    }
    case 'required': {
      const pattern = RE2JS.compile(test.pattern)
      return ({ text }) => (pattern.matcher(text).find() ? [] : [{ kind: 'broken', line: null }])
    }
    case 'forbidden': {
      const pattern = RE2JS.compile(test.pattern)
      return ({ text }) => {
        const matcher = pattern.matcher(text)
        const hits: Hit[] = []
        while (hits.length < MAX_PER_RULE && matcher.find())
          hits.push({ kind: 'broken', line: placeOf(text, matcher.start()).line })
        return hits
      }
    }
  }
}

/** What is wrong with a rule, as far as it shows without a text; null when nothing is. */
export function faultOf({ test, applies_to }: Pick<PolicyRule, 'test' | 'applies_to'>): string | null {
  try {
    if (test.kind !== 'expression') {
      RE2JS.compile(test.pattern)
      return null
    }
    const verdict = compileExpression(test.expression)(emptyVariables[applies_to])
    const isUnknownName = verdict.kind === 'fault' && /^(unresolved|unbound|undeclared|it gives)/.test(verdict.reason)
    return isUnknownName ? `${verdict.reason}; it can use ${Object.keys(emptyVariables[applies_to]).join(', ')}` : null
  } catch (fault) {
    return compileFault(fault)
  }
}

/** What the parser says of an expression, with its place named. */
export function compileFault(fault: unknown): string {
  return fault instanceof Error ? inWords(fault.message) : String(fault)
}

/** `<input>:1:11: found …` of the parser, with its place named. */
function inWords(message: string): string {
  return message.replace(/^<input>:(\d+):(\d+):/, 'line $1, column $2:')
}
