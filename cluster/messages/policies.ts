import * as z from 'zod'

export const ruleExpression = z.string().trim().min(1).max(2000)
const pattern = z.string().min(1).max(500)

/**
 * What a rule demands. An expression (CEL) is true for what is sound, as in a Kubernetes admission policy; a pattern (RE2) must be
 * found, or must not be.
 */
const ruleTest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('expression'), expression: ruleExpression }),
  z.strictObject({ kind: z.literal('forbidden'), pattern }),
  z.strictObject({ kind: z.literal('required'), pattern }),
])
export type RuleTest = z.infer<typeof ruleTest>

/** A policy rule. Edited by the operator, kept in small state under `policy.<name>`. */
export const policyRule = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens'),
  enabled: z.boolean(),
  /** A rule that denies fails the check; one that warns is only shown. */
  severity: z.enum(['deny', 'warn']),
  /** What to say of a proposal that breaks it. */
  message: z.string().trim().min(1).max(300),
  /** What is looked at one by one: the whole text, its fenced blocks, its YAML and JSON documents, or its Kubernetes manifests. */
  applies_to: z.enum(['text', 'blocks', 'documents', 'manifests']),
  /** Languages of the blocks, in lower case; empty: every block. */
  languages: z.array(z.string().trim().min(1).max(30)).max(10),
  test: ruleTest,
})
export type PolicyRule = z.infer<typeof policyRule>
