import { policyRule, type PolicyRule } from '../../messages/policies.ts'
import type { Checks } from '../../ports/checks.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { withOwn } from './with-own.ts'

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

/** Stores a rule that can be applied; one that cannot is refused with what is wrong in it. */
export async function writePolicy(
  ports: { readonly state: SmallState; readonly checks: Checks },
  rule: PolicyRule,
): Promise<{ readonly kind: 'stored' } | Refusal> {
  const fault = await ports.checks.faultOf(rule)
  if (fault !== null) {
    const field = `test.${rule.test.kind === 'expression' ? 'expression' : 'pattern'}`
    return refuse('invalid-input', `The rule ${rule.name} cannot be used: ${fault}.`, { field })
  }
  const own = await ports.state.list(PREFIX)
  if (own.length >= MAX_OWN_RULES && !own.some((entry) => entry.key === PREFIX + rule.name))
    return refuse('overloaded', `There are ${own.length} rules of your own already. Remove one first.`)
  await ports.state.put(PREFIX + rule.name, rule, 'any')
  return { kind: 'stored' }
}

/** A shipped rule goes back to what was shipped, an added one is gone. False if there was nothing to undo. */
export async function resetPolicy(state: SmallState, name: string): Promise<boolean> {
  return await state.remove(PREFIX + name)
}
