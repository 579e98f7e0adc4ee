import type { CheckResult } from '../messages/deliberation.ts'

/** The check suite over one final text. A check that does not apply is `skipped` and counts neither way. */
export interface Checks {
  run(content: string): Promise<readonly CheckResult[]>
}
