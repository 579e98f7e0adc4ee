import { admit } from '../../../domain/batch/admission.ts'
import { requestsPerDay, tokenCostMicroUsd } from '../../../domain/batch/cost.ts'
import type { BatchEstimate, BatchPlan, FileReport } from '../../../messages/batch.ts'
import type { ServedModel } from '../../../ports/engines.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import { readPrice } from '../../prices.ts'
import { readHistory, type ModelHistory } from '../model-history.ts'
import type { BatchStates } from '../states.ts'

/** Tokens of an answer whose request sets no limit and whose model has no history. */
const ASSUMED_TOKENS_OUT = 256
/** Tokens that a limitless answer may take at worst. */
const WORST_TOKENS_OUT = 4096

export interface PlanInput {
  /** Its measured rate is that of whoever called it last. */
  readonly served: ServedModel
  readonly report: FileReport
  /** Output tokens that batches before it still have to make on the model. */
  readonly pendingTokens: number
  readonly windowMs: number
  readonly isBackground: boolean
}

/** What a valid file would take on a model, and whether it fits its window. */
export async function planBatch(state: SmallState, input: PlanInput): Promise<BatchPlan> {
  const { report, served } = input
  const { reference: model, origin } = served
  const { errors: _errors, preview: _preview, ...summary } = report
  const price = (await readPrice(state, model)) ?? { price_in: 0, price_out: 0 }
  const history = await readHistory(state, model)
  const engine = { context_tokens: served.contextTokens, parallel: served.parallel }
  return { model, origin, engine, report: summary, estimate: estimateOf(input, price, history), ...price }
}

function estimateOf(
  { report, pendingTokens, windowMs, isBackground, served }: PlanInput,
  price: { readonly price_in: number; readonly price_out: number },
  history: ModelHistory | undefined,
): BatchEstimate {
  const { requests, tokens_in_estimate: tokensIn, max_tokens_sum: limit } = report
  const worst = limit ?? requests * WORST_TOKENS_OUT
  const likely = Math.min(
    worst,
    Math.round(requests * (history?.mean_tokens_out ?? (limit ?? requests * ASSUMED_TOKENS_OUT * 2) / requests / 2)),
  )
  const rate = history?.tokens_per_second ?? served.tokensPerSecond
  const cost = (tokensOut: number) => tokenCostMicroUsd({ tokensIn, tokensOut }, price)
  const time = (tokens: number) => (tokens === 0 ? 0 : rate ? Math.round((tokens / rate) * 1000) : null)
  return {
    requests,
    tokens_in: tokensIn,
    tokens_out: [likely, worst],
    cost_micro_usd: [cost(likely), cost(worst)],
    duration_ms: rate ? [time(likely) ?? 0, time(worst) ?? 0] : null,
    wait_ms: time(pendingTokens),
    basis: `${
      history
        ? 'What earlier batches of this model took'
        : `No batch of this model has run yet: ${limit === null ? `${ASSUMED_TOKENS_OUT} tokens an answer are assumed` : 'half of the limits that its requests set'}`
    }${rate && likely > 0 ? `; ${requestsADay((rate * requests) / likely)}` : ''}.`,
    admission: admit({ pending: pendingTokens, added: likely, requests, rate: rate ?? null, windowMs, relax: 1, isBackground }),
  }
}

function requestsADay(perSecond: number): string {
  return `it does ${Math.round(requestsPerDay(perSecond)).toLocaleString('en-US')} such requests a day`
}

/** Output tokens that batches in motion on a model are expected to make yet. */
export function pendingTokensOn(states: BatchStates, model: string): number {
  let tokens = 0
  for (const { plan, counts } of states.active())
    if (plan && `${plan.model.engine_id}/${plan.model.model}` === model)
      tokens += Math.max(0, plan.estimate.tokens_out[0] - counts.tokens_out)
  return tokens
}
