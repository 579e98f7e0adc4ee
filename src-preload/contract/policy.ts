import * as z from 'zod'
import { checkResult } from '../../cluster/messages/check-results.ts'
import { policyRule } from '../../cluster/messages/policies.ts'
import { call, command, stream } from './define.ts'

const MAX_TRIED_RULES = 200
const MAX_TRIED_CHARACTERS = 200_000

/** The rules that the policy check holds every proposal against. */
export const policy = {
  /** Shipped rules with the operator's changes, then those that were added. */
  watch: stream(
    z.strictObject({}),
    z.object({ rules: z.array(policyRule.extend({ builtin: z.boolean(), changed: z.boolean() })) }),
  ),
  save: command(z.strictObject({ rule: policyRule }), z.object({})),
  /** A changed shipped rule goes back to what was shipped; an added one is removed. */
  reset: command(z.strictObject({ name: z.string() }), z.object({})),
  /** What is wrong with an expression or pattern; null when it can be used. */
  faultOf: call(policyRule.pick({ test: true, applies_to: true }), z.object({ fault: z.string().nullable() })),
  /** Holds a text against rules, stored or not; nothing is kept. */
  test: call(
    z.strictObject({ rules: z.array(policyRule).min(1).max(MAX_TRIED_RULES), content: z.string().max(MAX_TRIED_CHARACTERS) }),
    z.object({ result: checkResult }),
  ),
}
