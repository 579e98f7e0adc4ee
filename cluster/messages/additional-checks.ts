import * as z from 'zod'
import { ruleExpression } from './policies.ts'

const SUITE: readonly string[] = ['policy', 'lint', 'dryrun']

/**
 * A check that a run or a council adds to the suite: an expression (CEL over `content`, `blocks`, `documents`, `manifests`) that gives a
 * number from 0 to 1, or true (1) or false (0). Its score joins the mean of the checks; from `pass_at` on it counts as passed.
 */
export const additionalCheck = z.strictObject({
  check_type: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens')
    .refine((name) => !SUITE.includes(name), { error: `${SUITE.join(', ')} are checks of every run; take another name.` }),
  expression: ruleExpression,
  pass_at: z.number().min(0).max(1).default(0.5),
})
export type AdditionalCheck = z.output<typeof additionalCheck>

export const MAX_ADDITIONAL_CHECKS = 10

export const additionalChecks = z
  .array(additionalCheck)
  .max(MAX_ADDITIONAL_CHECKS, `At most ${MAX_ADDITIONAL_CHECKS} checks can be added.`)
  .refine((checks) => new Set(checks.map((check) => check.check_type)).size === checks.length, {
    error: 'Two checks have the same name; rename one of them.',
  })
