import type { CheckResult, PolicyViolation } from '../../../messages/check-results.ts'
import type { CheckedText } from '../../../ports/checks.ts'
import type { CheckThread } from '../check-thread.ts'

const LIMIT_MS = 30_000
const MAX_LISTED = 20

/** Holds a text against the rules. Rules that have nothing to look at in it count neither way. */
export async function policy(text: CheckedText, thread: CheckThread): Promise<CheckResult> {
  const outcome = await thread.call('policy', text, LIMIT_MS)
  if (outcome.kind === 'gave-up')
    return { check: 'policy', status: 'error', message: `The rules could not be applied: ${outcome.reason}.`, warnings: 0 }
  const { applied, violations } = outcome.output
  if (applied.length === 0) return { check: 'policy', status: 'skipped', message: 'No rule applies to this text.', warnings: 0 }
  const of = (severity: PolicyViolation['severity']) => violations.filter((each) => each.severity === severity)
  const [denied, faulty, warned] = [of('deny'), of('error'), of('warn')]
  return {
    check: 'policy',
    status: denied.length > 0 ? 'failed' : faulty.length > 0 ? 'error' : 'passed',
    message: `${applied.length} ${applied.length === 1 ? 'rule' : 'rules'} applied, ${inWords([...denied, ...faulty])}`,
    warnings: warned.length,
    details: {
      kind: 'policy',
      rules: [...applied],
      violation_count: violations.length,
      violations: [...denied, ...faulty, ...warned].slice(0, MAX_LISTED),
    },
  }
}

function inWords(violations: readonly PolicyViolation[]): string {
  const rules = [...new Set(violations.map((each) => each.rule))]
  return rules.length === 0 ? 'none broken.' : `broken: ${rules.join(', ')}.`
}
