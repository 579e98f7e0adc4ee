import * as z from 'zod'

const score = z.number().nullable()

/**
 * A deliberation against its baseline: independent samples of one model, scored in the same blind pass. Scores are 0–1; null where that
 * part was not scored. Tokens in and out as spent.
 */
export const baselineComparison = z.object({
  winner_score: score,
  /** Of the best sample. */
  best_score: score,
  best_id: z.string().nullable(),
  finals_mean: score,
  samples_mean: score,
  /** The winner's score less that of the best sample. */
  gain: score,
  /** The mean of the final texts less that of the samples. */
  mean_gain: score,
  /** Of the debate's text calls: propose, critique, revise. */
  debate_tokens: z.int().nonnegative(),
  sample_tokens: z.int().nonnegative(),
  /** The same in a plain sentence. */
  statement: z.string(),
})
export type BaselineComparison = z.infer<typeof baselineComparison>
