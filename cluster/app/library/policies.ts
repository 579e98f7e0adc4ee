import type { CheckResult } from '../../messages/check-results.ts'
import { policyRule, type PolicyRule } from '../../messages/policies.ts'
import type { Checks } from '../../ports/checks.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { listed, withOwn, type Listed } from './with-own.ts'

const PREFIX = 'policy.'
/** Every rule is held against every text. */
const MAX_OWN_RULES = 100

/** Shipped rules with the operator's changes over them, then the rules the operator added. */
export async function readPolicies(state: SmallState, shipped: readonly PolicyRule[]): Promise<readonly PolicyRule[]> {
  return withOwn(
    shipped,
    (await state.list(PREFIX)).map((entry) => policyRule.parse(entry.value)),
  )
}

export interface Policies {
  list(): Promise<Listed<PolicyRule>[]>
  /** Stores a rule that can be applied; one that cannot is refused with what is wrong in it. */
  write(rule: PolicyRule): Promise<{ readonly kind: 'stored' } | Refusal>
  /** A shipped rule goes back to what was shipped, an added one is gone. False if there was nothing to undo. */
  reset(name: string): Promise<boolean>
  /** What is wrong with a rule; null when it can be used. */
  faultOf(rule: Pick<PolicyRule, 'test' | 'applies_to'>): Promise<string | null>
  /** Holds a text against rules without storing anything. */
  test(rules: readonly PolicyRule[], content: string): Promise<CheckResult>
}

export function createPolicies(
  { state, checks }: { readonly state: SmallState; readonly checks: Checks },
  shipped: readonly PolicyRule[],
): Policies {
  return {
    list: async () => listed(shipped, await readPolicies(state, shipped)),
    async write(rule) {
      const fault = await checks.faultOf(rule)
      if (fault !== null) {
        const field = `test.${rule.test.kind === 'expression' ? 'expression' : 'pattern'}`
        return refuse('invalid-input', `The rule ${rule.name} cannot be used: ${fault}.`, { field })
      }
      const own = await state.list(PREFIX)
      if (own.length >= MAX_OWN_RULES && !own.some((entry) => entry.key === PREFIX + rule.name))
        return refuse('overloaded', `There are ${own.length} rules of your own already. Remove one first.`)
      await state.put(PREFIX + rule.name, rule, 'any')
      return { kind: 'stored' }
    },
    reset: (name) => state.remove(PREFIX + name),
    faultOf: (rule) => checks.faultOf(rule),
    test: (rules, content) => checks.policy({ content, rules, requirements: [] }),
  }
}
