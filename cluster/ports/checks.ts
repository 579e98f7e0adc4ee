import type { AdditionalCheck } from '../messages/additional-checks.ts'
import type { CheckResult } from '../messages/check-results.ts'
import type { PolicyRule } from '../messages/policies.ts'

/** One final text with what it is held against. */
export interface CheckedText {
  readonly content: string
  readonly rules: readonly PolicyRule[]
  /** Those with an expression are checked like rules. */
  readonly requirements: readonly { readonly id: string; readonly text: string; readonly expression?: string | undefined }[]
}

/** What the cluster takes for which manifests are meant, beside what any does; an absent one bounds nothing. */
export interface ClusterBounds {
  readonly kubernetes_version?: string | undefined
  readonly namespace?: string | undefined
  readonly allowed_kinds?: readonly string[] | undefined
}

/** The check suite over one final text; `sections` are those that lint asks for. A check that does not apply is `skipped` and counts neither way. */
export interface Checks {
  run(
    text: CheckedText & {
      readonly sections: readonly string[]
      readonly cluster?: ClusterBounds | undefined
      /** What the run adds to the suite; each result has a score. */
      readonly additional?: readonly AdditionalCheck[] | undefined
    },
  ): Promise<readonly CheckResult[]>
  /** The policy check alone. */
  policy(text: CheckedText): Promise<CheckResult>
  /** What is wrong with a rule's expression or pattern; null when it can be used. */
  faultOf(rule: Pick<PolicyRule, 'test' | 'applies_to'>): Promise<string | null>
  /** What is wrong with the expression of an additional check; null when it can be used. */
  faultOfScored(expression: string): Promise<string | null>
  stop(): Promise<void>
}
