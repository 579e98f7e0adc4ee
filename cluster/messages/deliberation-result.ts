import * as z from 'zod'
import { callMetrics, failureKind } from './answer.ts'
import { baselineComparison } from './baseline.ts'
import { wholeText } from './blob.ts'
import { deadlineRisk } from './deliberation-risk.ts'
import { checkResult } from './check-results.ts'
import { deliberationStatus } from './deliberation.ts'
import { measures, problemAnswer, rankedProposal, selection } from './deliberation-judgement.ts'
import { modelReference, phaseName } from './work.ts'

const tokens = callMetrics.pick({ tokens_in: true, tokens_out: true })

/** One agent's final text, with what it was before each revision. Times are milliseconds since the epoch. */
const proposal = z.object({
  author_id: z.string(),
  author_role: z.string(),
  content: z.string(),
  content_ref: wholeText,
  created_at_ms: z.int(),
  revisions: z.array(
    z.object({
      round: z.int().positive(),
      /** Who wrote it: the author, or the critic where the run asked for that. */
      by: z.string(),
      content: z.string(),
      content_ref: wholeText,
      critic_id: z.string().nullable(),
      answers: z.array(problemAnswer),
      at: z.int(),
    }),
  ),
  model: modelReference,
  /** The name the server says it served; null where it did not say. */
  served_model: z.string().nullable(),
  temperature: z.number(),
  /** Over all calls of this agent. */
  tokens,
  degraded: z.string().nullable(),
})

/** Scores are 0–1; null = that part does not exist (yet). `rank` is null before the ranking. */
export const proposalResult = z.object({
  proposal,
  checks: z.array(checkResult),
  score: z.number().nullable(),
  score_components: rankedProposal.omit({ agent_id: true, rank: true, score: true, tokens_out: true }).nullable(),
  rank: z.int().positive().nullable(),
})

/** One independent sample of the baseline; `score` and `rank` are null before the ranking, `rank` is among the samples only. */
const sampleResult = z.object({
  sample_id: z.string(),
  content: z.string(),
  content_ref: wholeText,
  checks: z.array(checkResult),
  score: z.number().nullable(),
  rank: z.int().positive().nullable(),
  tokens,
})

/** Self-consistency at about equal tokens, beside the deliberation. Samples can never win. */
const baseline = z.object({
  model: modelReference,
  planned: z.int().positive(),
  failed: z.int().nonnegative(),
  /** Why none was drawn; null where they were. */
  skipped: z.string().nullable(),
  samples: z.array(sampleResult),
  ...baselineComparison.shape,
})

/** A run as it stands, in the shape clients read: the same while it runs and after it ended. */
export const deliberationResult = z.object({
  task_id: z.string(),
  /** The same id under its other name. */
  deliberation_id: z.string(),
  status: deliberationStatus,
  partial: z.boolean(),
  phase: phaseName.nullable(),
  round: z.int().nonnegative(),
  results: z.array(proposalResult),
  winner_id: z.string().nullable(),
  selection: selection.nullable(),
  /** How alike the texts are; null until they are checked. */
  measures: measures.nullable(),
  /** Null where none was wanted. A gain may be claimed against it only. */
  baseline: baseline.nullable(),
  failed_agents: z.array(z.object({ agent_id: z.string(), error: z.string(), error_type: failureKind })),
  num_agents: z.int().positive(),
  /** Agents with a proposal. */
  received: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  rounds_done: z.int().nonnegative(),
  /** From submit to end; null while it runs. */
  duration_ms: z.int().nonnegative().nullable(),
  tokens,
  cost_micro_usd: z.int().nonnegative(),
  deadline: z.int(),
  deadline_risk: deadlineRisk.nullable(),
  error_message: z.string().nullable(),
  /** The run that this one repeats, and those that repeat it, oldest first. */
  rerun_of: z.string().nullable(),
  reruns: z.array(z.string()),
  metadata: z.object({
    /** Of the prompts. */
    version: z.string(),
    timestamp_ms: z.int(),
    execution_id: z.string(),
    tags: z.record(z.string(), z.string()),
  }),
})
export type DeliberationResult = z.infer<typeof deliberationResult>
