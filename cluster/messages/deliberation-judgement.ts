import * as z from 'zod'

const problemSeverity = z.enum(['major', 'minor'])

export const critique = z.object({
  criteria: z.array(z.object({ name: z.string(), score: z.number(), comment: z.string() })),
  strengths: z.array(z.string()),
  problems: z.array(
    z.object({
      id: z.string(),
      severity: problemSeverity,
      text: z.string(),
      quote: z.string(),
      /** Where the quote begins in the text criticised (characters); null = not found there: unanchored. */
      anchor: z.int().nonnegative().nullable(),
    }),
  ),
})

/** What the author says became of each problem; `not stated` where no readable answers block came. */
export const problemAnswer = z.object({
  problem_id: z.string(),
  status: z.enum(['answered', 'kept', 'open', 'not stated']),
  note: z.string(),
})

/** One scorer's verdict on one criterion of one proposal. `stated` 0–10 as written; `expected` the probability-weighted mean. */
const criterionScore = z.object({
  name: z.string(),
  stated: z.number(),
  expected: z.number().nullable(),
  reason: z.string(),
})

/** One scorer's verdict on one requirement of one proposal. */
const requirementVerdict = z.object({
  requirement_id: z.string(),
  met: z.boolean(),
  /** The passage that the scorer named; empty where it named none. */
  quote: z.string(),
  /** Where the quote begins in the text judged (characters); null = not found there: unanchored. */
  anchor: z.int().nonnegative().nullable(),
})

export const peerScore = z.object({
  author_id: z.string(),
  /** Place in the shuffled order in which this scorer saw the proposal, from 0. */
  position: z.int().nonnegative(),
  criteria: z.array(criterionScore),
  /** Verdicts left out by the scorer are absent. */
  requirements: z.array(requirementVerdict).default([]),
})

const rankedCriterion = z.object({
  name: z.string(),
  weight: z.number(),
  score: z.number().nullable(),
  reasons: z.array(z.object({ scorer_id: z.string(), score: z.number(), reason: z.string() })),
})

/** Met by `met` of the `judged` scorers who gave a verdict. */
const rankedRequirement = z.object({
  requirement_id: z.string(),
  met: z.int().nonnegative(),
  judged: z.int().nonnegative(),
})

/** One place of the ranking with all the parts of its score. Scores are 0–1; null = that part does not exist. */
export const rankedProposal = z.object({
  agent_id: z.string(),
  rank: z.int().positive(),
  score: z.number().nullable(),
  checks_score: z.number().nullable(),
  rubric_score: z.number().nullable(),
  score_source: z.enum(['expected', 'stated', 'none']),
  unscored: z.boolean(),
  scorers: z.int().nonnegative(),
  criteria: z.array(rankedCriterion),
  requirements: z.array(rankedRequirement).default([]),
  lint_warnings: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
})
export type RankedProposal = z.infer<typeof rankedProposal>

export const selection = z.object({
  by: z.enum(['rank', 'architect']),
  agent_id: z.string(),
  reason: z.string(),
  architect_error: z.string().nullable(),
})

/**
 * After `round` (0 = the proposals) there are no further ones. `unchanged`: its revisions left every text as it was. `agreed`: the texts
 * are as alike as the run asks for; `mean_cosine` says how much.
 */
export const roundsStopped = z.object({
  round: z.int().nonnegative(),
  reason: z.enum(['unchanged', 'agreed']),
  mean_cosine: z.number().nullable().default(null),
  message: z.string(),
})

/**
 * How alike a run's texts are, by the vectors of the embedding model named. What could not be measured is null, with the reason.
 * Cosines are of whole texts, read in parts.
 */
export const measures = z.object({
  embedding_model: z.string().nullable(),
  /** 1 − the mean cosine over all pairs of the texts that stand now: 0 = all alike. */
  diversity: z.number().nullable(),
  /** The same of the first proposals of these authors: a debate that narrowed them leaves `diversity` below it. */
  first_diversity: z.number().nullable(),
  /** Mean cosine of the task and each text that stands now. */
  relevance: z.number().nullable(),
  /** Texts too long to be read to their end. */
  truncated: z.int().nonnegative(),
  /** What the embedding model read for it. */
  tokens: z.int().nonnegative().default(0),
  /** Whether they are part of the run's tokens, cost and limits: an endpoint's are, those of the built-in model are free and are not. */
  counted: z.boolean().default(false),
  cost_micro_usd: z.int().nonnegative().default(0),
  reason: z.string().nullable(),
})

/** One measure as it was taken: before a further round (`round`, of the texts alone) or beside the checks (`check`). */
export const measured = measures.extend({
  at: z.enum(['round', 'check']),
  round: z.int().nonnegative(),
})
