import * as z from 'zod'
import { failureKind } from './answer.ts'
import { baselineComparison } from './baseline.ts'
import { wholeText } from './blob.ts'
import { checkResult } from './check-results.ts'
import { deliberationStatus, endReason, runSpec } from './deliberation.ts'
import {
  critique,
  measures,
  peerScore,
  problemAnswer,
  rankedProposal,
  roundsStopped,
  selection,
} from './deliberation-judgement.ts'
import { deadlineRisk } from './deliberation-risk.ts'
import { outcome, outcomeVerdict } from './outcome.ts'
import { callPhase, phaseName } from './work.ts'

/** One run as a list shows it. Times are milliseconds since the epoch. */
export const deliberationRow = z.object({
  task_id: z.string(),
  title: z.string(),
  role: z.string(),
  status: deliberationStatus,
  phase: phaseName.nullable(),
  round: z.int().nonnegative(),
  rounds: z.int().nonnegative(),
  num_agents: z.int().positive(),
  /** Agents that gave no proposal. */
  failed_agents: z.int().nonnegative(),
  /** Phases closed and phases planned. */
  steps_done: z.int().nonnegative(),
  steps_total: z.int().positive(),
  leader_id: z.string().nullable(),
  score: z.number().nullable(),
  tokens_in: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
  cost_micro_usd: z.int().nonnegative(),
  created_at: z.int(),
  ended_at: z.int().nullable(),
  deadline: z.int(),
  deadline_risk: deadlineRisk.nullable(),
  /** Why, as it was seen when it got there, and when that was; null while it is on track, and after the end. */
  risk_why: z.string().nullable(),
  risk_since: z.int().nullable(),
  /** Expected end by the estimate and the phases so far; null when unknown or ended. */
  expected_end: z.int().nullable(),
  /** By then it has ended nine times of ten; null with it. */
  expected_end_p90: z.int().nullable(),
  partial: z.boolean(),
  starter: z.boolean(),
  models: z.array(z.string()),
  end_reason: endReason.nullable(),
  message: z.string(),
  /** What a person said last of the result; null while nobody did. */
  outcome: outcomeVerdict.nullable(),
  archived: z.boolean(),
  /** A person has seen it and wants to hear no more of it. */
  dismissed: z.boolean(),
  /** The run that this one repeats. */
  rerun_of: z.string().nullable(),
})
export type DeliberationRow = z.infer<typeof deliberationRow>

/**
 * One model call on the board. A call planned but not yet answered is `open`; whether it runs is on the live stream. `late`: its phase
 * closed at its quorum without it; `ended_at` says whether an answer came all the same.
 */
export const boardCall = z.object({
  id: z.string(),
  phase: callPhase,
  round: z.int().nonnegative(),
  agent_id: z.string(),
  status: z.enum(['open', 'done', 'failed', 'late']),
  /** Which try of the call this is: one more each time an operator had it made again. */
  attempt: z.int().positive().default(1),
  /** How its earlier attempts failed, oldest first; what they used is in the call's tokens and cost. */
  earlier: z
    .array(z.object({ attempt: z.int().positive(), error: z.string(), error_type: failureKind.nullable(), ended_at: z.int() }))
    .default([]),
  opened_at: z.int(),
  started_at: z.int().nullable(),
  first_token_at: z.int().nullable(),
  ended_at: z.int().nullable(),
  tokens_in: z.int().nonnegative().nullable(),
  tokens_out: z.int().nonnegative().nullable(),
  attempts: z.int().nonnegative(),
  cost_micro_usd: z.int().nonnegative(),
  served_model: z.string().nullable(),
  truncated: z.boolean(),
  repaired: z.boolean(),
  degraded: z.string().nullable(),
  error: z.string().nullable(),
  error_type: failureKind.nullable(),
  /** What the model wrote where the call failed for it. */
  raw: z.string().nullable(),
  raw_ref: wholeText,
  reasoning: z.string().nullable(),
  reasoning_ref: wholeText,
})
export type BoardCall = z.infer<typeof boardCall>

/** One text of an agent: round 0 is the proposal, later ones are its revisions. `by`: who wrote it, the agent or its critic. */
export const boardVersion = z.object({
  agent_id: z.string(),
  round: z.int().nonnegative(),
  content: z.string(),
  content_ref: wholeText,
  answers: z.array(problemAnswer),
  critic_id: z.string().nullable(),
  by: z.string(),
  at: z.int(),
})
export type BoardVersion = z.infer<typeof boardVersion>

export const boardCritique = z.object({
  round: z.int().nonnegative(),
  critic_id: z.string(),
  target_id: z.string(),
  version: z.int().nonnegative(),
  critique,
  at: z.int(),
})
export type BoardCritique = z.infer<typeof boardCritique>

export const boardScores = z.object({ scorer_id: z.string(), scores: z.array(peerScore), at: z.int() })
export type BoardScores = z.infer<typeof boardScores>

export const boardPhase = z.object({
  phase: phaseName,
  round: z.int().nonnegative(),
  state: z.enum(['planned', 'running', 'done', 'skipped']),
  expected: z.int().nonnegative(),
  received: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  started_at: z.int().nullable(),
  ended_at: z.int().nullable(),
  /** Of phases that run or are to come: by the estimate, at the pace of the run so far; null when unknown. */
  expected_ms: z.int().nonnegative().nullable(),
  /** How much it should write and read by the estimate, in tokens written. */
  expected_tokens: z.int().nonnegative(),
})
export type BoardPhase = z.infer<typeof boardPhase>

/** One sample of the baseline: its call, its text (null while there is none), its checks, and its place among the samples. */
const boardSample = z.object({
  sample_id: z.string(),
  call: boardCall,
  content: z.string().nullable(),
  content_ref: wholeText,
  checks: z.array(checkResult),
  place: rankedProposal.nullable(),
})

/** `skipped`: why none was drawn although one was wanted. Samples are listed in their order, and once ranked by their place. */
export const boardBaseline = z.object({
  skipped: z.string().nullable(),
  samples: z.array(boardSample),
  comparison: baselineComparison,
})
export type BoardBaseline = z.infer<typeof boardBaseline>

export const boardOutcome = z.object({ at: z.int(), outcome })
export type BoardOutcome = z.infer<typeof boardOutcome>

/** One run in full: what its page shows, and what the result operation returns. */
export const deliberationBoard = z.object({
  row: deliberationRow,
  spec: runSpec,
  phases: z.array(boardPhase),
  calls: z.array(boardCall),
  versions: z.array(boardVersion),
  critiques: z.array(boardCritique),
  scores: z.array(boardScores),
  checks: z.array(z.object({ agent_id: z.string(), checks: z.array(checkResult) })),
  ranking: z.array(rankedProposal),
  agreement: z.number().nullable(),
  position_bias: z.number().nullable(),
  /** Why planned rounds were left out; null when none was. */
  rounds_stopped: roundsStopped.nullable(),
  /** Null until the texts are checked. */
  measures: measures.nullable().default(null),
  selection: selection.nullable(),
  /** Independent samples beside the debate, apart from all of the above; null where none were wanted. */
  baseline: boardBaseline.nullable().default(null),
  /** Oldest first; the last one counts. */
  outcomes: z.array(boardOutcome),
  /** Runs that repeat this one, oldest first. */
  reruns: z.array(z.string()),
})
export type DeliberationBoard = z.infer<typeof deliberationBoard>
