import * as z from 'zod'
import type { ModelReference } from '../../messages/work.ts'
import type { SmallState } from '../../ports/small-state.ts'

/** What earlier batches taught of a model. Output tokens a second at its full capacity, and of one answer. */
const modelHistory = z.object({
  tokens_per_second: z.number().nonnegative(),
  mean_tokens_out: z.number().nonnegative(),
  /** Widens the shown interval so that 90 % of what was shown holds. */
  factor: z.number().positive(),
  /** What was shown of its last batches, and what became of it. */
  shown: z
    .array(
      z.object({
        p50_ms: z.number(),
        p90_ms: z.number(),
        factor: z.number().positive(),
        doubt: z.object({ work: z.number(), rate: z.number() }).optional(),
        actual_ms: z.number(),
      }),
    )
    .default([]),
})
export type ModelHistory = z.infer<typeof modelHistory>

const historyKey = ({ engine_id, model }: ModelReference): string => `batch.model.${engine_id}.${encodeURIComponent(model)}`

export async function readHistory(state: SmallState, model: ModelReference): Promise<ModelHistory | undefined> {
  const entry = await state.get(historyKey(model))
  return entry && modelHistory.parse(entry.value)
}

export async function writeHistory(state: SmallState, model: ModelReference, history: ModelHistory): Promise<void> {
  await state.put(historyKey(model), history, 'any')
}
