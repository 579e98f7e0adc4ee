import type { AdditionalCheck } from '../../../messages/additional-checks.ts'
import type { CheckResult } from '../../../messages/check-results.ts'
import type { CheckThread } from '../check-thread.ts'
import type { ScoredCheck } from './evaluate-scored.ts'

const LIMIT_MS = 30_000

/** The additional checks over a text. One that cannot be evaluated is an error and scores 0. */
export async function scored(content: string, checks: readonly AdditionalCheck[], thread: CheckThread): Promise<CheckResult[]> {
  if (checks.length === 0) return []
  const outcome = await thread.call('scored', { content, expressions: checks.map((check) => check.expression) }, LIMIT_MS)
  return checks.map(({ check_type: check, pass_at }, at): CheckResult => {
    const found: ScoredCheck | undefined =
      outcome.kind === 'done' ? outcome.output[at] : { kind: 'fault', reason: outcome.reason }
    if (found?.kind !== 'scored')
      return { check, status: 'error', message: `It cannot be evaluated: ${found?.reason ?? 'no score'}.`, warnings: 0, score: 0 }
    const message = `Scores ${found.score.toFixed(2)}, passes from ${pass_at.toFixed(2)} on.`
    return { check, status: found.score >= pass_at ? 'passed' : 'failed', message, warnings: 0, score: found.score }
  })
}
