import type { ClusterBounds } from '../../ports/checks.ts'
import type { PolicyRule } from '../../messages/policies.ts'
import type { CheckedText } from '../../ports/checks.ts'
import type { Parsed } from './finding.ts'
import type { BoundedManifest, DryRunFindings } from './kubernetes/dry-run.ts'
import type { PolicyFindings } from './policy/evaluate.ts'
import type { ScoredCheck } from './policy/evaluate-scored.ts'

/** What the thread does for the checks. */
export interface ThreadTasks {
  parse: { input: { readonly fence: string; readonly text: string }; output: Parsed }
  policy: { input: CheckedText; output: PolicyFindings }
  manifests: { input: { readonly content: string; readonly cluster: ClusterBounds }; output: readonly BoundedManifest[] }
  dryrun: {
    input: { readonly content: string; readonly schemasFile: string; readonly cluster: ClusterBounds }
    output: DryRunFindings
  }
  scored: { input: { readonly content: string; readonly expressions: readonly string[] }; output: readonly ScoredCheck[] }
  'fault-scored': { input: { readonly expression: string }; output: string | null }
  fault: { input: Pick<PolicyRule, 'test' | 'applies_to'>; output: string | null }
}

export type TaskName = keyof ThreadTasks

export type TaskRequest = { [Name in TaskName]: { readonly task: Name; readonly input: ThreadTasks[Name]['input'] } }[TaskName]

/** `broke`: the task threw; the thread is not used again, since a WebAssembly part that threw may be in any state. */
export type TaskReply = { readonly kind: 'done'; readonly output: unknown } | { readonly kind: 'broke'; readonly reason: string }
