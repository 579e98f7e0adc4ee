import { callerOf, costMicroUsd } from './council.ts'
import { replyPlanOf } from './limits.ts'
import type { CallOrder } from './plan.ts'
import { promptTokensOf } from './sizes.ts'
import type { RunState } from './state.ts'

export type LimitReason = 'token_limit' | 'cost_limit'

/** The limit that what has been spent is above; null while none is. */
export function limitPassed({ spec, spent }: RunState): LimitReason | null {
  if (spec.limits.tokens !== null && spent.tokensIn + spent.tokensOut > spec.limits.tokens) return 'token_limit'
  if (spec.limits.cost_micro_usd !== null && spent.costMicroUsd > spec.limits.cost_micro_usd) return 'cost_limit'
  return null
}

/** The limit that these calls could pass if each answer took all it may; retries and repairs are not foreseen. */
export function limitBefore(state: RunState, orders: readonly CallOrder[]): LimitReason | null {
  let { tokensIn, tokensOut, costMicroUsd: cost } = state.spent
  for (const order of orders) {
    const promptTokens = promptTokensOf(state, order)
    const { maxTokens } = replyPlanOf(state.spec, order)
    tokensIn += promptTokens
    tokensOut += maxTokens
    cost += costMicroUsd(callerOf(state.spec, order), promptTokens, maxTokens)
  }
  return limitPassed({ ...state, spent: { tokensIn, tokensOut, costMicroUsd: cost } })
}
