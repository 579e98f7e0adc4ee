import * as z from 'zod'
import { fitFactor } from '../../domain/batch/calibration.ts'
import type { Doubt } from '../../domain/batch/eta.ts'
import type { BatchCounts, BatchEta } from '../../messages/batch.ts'
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

/** An end as it was once shown of a batch. */
export interface ShownEnd {
  readonly eta: BatchEta
  readonly factor: number
  readonly doubt: Doubt
}

/** Completed requests from which on a batch says something of its model. */
const LEARNS_FROM = 20
const KEPT_SHOWN = 100

/** Keeps what a completed batch taught of its model: its rate, the length of its answers, and whether what was shown came true. */
export async function learnFrom(
  state: SmallState,
  model: ModelReference,
  batch: {
    readonly counts: BatchCounts
    readonly tookMs: number
    /** As measured while it ran; 0 where that was never done. */
    readonly tokensPerSecond: number
    readonly shown: (ShownEnd & { readonly actualMs: number }) | undefined
  },
): Promise<void> {
  const { counts, tookMs, tokensPerSecond } = batch
  if (counts.completed < LEARNS_FROM) return
  const before = (await readHistory(state, model))?.shown ?? []
  const shown = batch.shown ? [...before, shownAndActual(batch.shown)].slice(-KEPT_SHOWN) : before
  const history: ModelHistory = {
    tokens_per_second: tokensPerSecond > 0 ? tokensPerSecond : (counts.tokens_out / Math.max(1, tookMs)) * 1000,
    mean_tokens_out: counts.tokens_out / counts.completed,
    factor: fitFactor(shown),
    shown,
  }
  await state.put(historyKey(model), history, 'any')
}

function shownAndActual({ eta, factor, doubt, actualMs }: ShownEnd & { readonly actualMs: number }) {
  return { p50_ms: eta.p50_ms, p90_ms: eta.p90_ms, factor, doubt, actual_ms: Math.max(0, actualMs) }
}
