import * as z from 'zod'
import { failureKind, callMetrics } from './answer.ts'
import { wholeText } from './blob.ts'
import { checkResult } from './check-results.ts'
import { deliberationStatus, endReason, runSpec } from './deliberation.ts'
import {
  critique,
  measured,
  peerScore,
  problemAnswer,
  rankedProposal,
  roundsStopped,
  selection,
} from './deliberation-judgement.ts'
import { riskChanged } from './deliberation-risk.ts'
import { outcome } from './outcome.ts'
import { callPhase, chatMessage, phaseName } from './work.ts'

/** The subject of one run's events. */
export const deliberationSubject = (taskId: string): string => `signalbox.event.deliberation.${taskId}`

const call = { round: z.int().nonnegative(), phase: callPhase, agent_id: z.string() }

/** `attempt`: which try of the call; absent: the first. */
const callRef = { ...call, attempt: z.int().positive().optional() }

/** What a finished call contributed, read out of the model's text. */
const contribution = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('proposal'), content: z.string(), content_ref: wholeText }),
  /** `target_id`: whose proposal was criticised; `version`: which round's text (0 = the proposal). */
  z.object({ kind: z.literal('critique'), target_id: z.string(), version: z.int().nonnegative(), critique }),
  z.object({
    kind: z.literal('revision'),
    content: z.string(),
    content_ref: wholeText,
    critic_id: z.string(),
    /** Whose text it is where the critic rewrote it; absent: that of whoever answered. */
    author_id: z.string().optional(),
    answers: z.array(problemAnswer),
  }),
  z.object({ kind: z.literal('scores'), scores: z.array(peerScore) }),
  z.object({ kind: z.literal('selection'), chosen: z.string(), reason: z.string() }),
])

/** Everything that can happen to a run, by event type. */
export const deliberationEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('deliberation.submitted'), data: z.object({ spec: runSpec }) }),
  z.object({
    type: z.literal('deliberation.phase_started'),
    data: z.object({ phase: phaseName, round: z.int().nonnegative(), expected: z.array(z.string()) }),
  }),
  z.object({
    type: z.literal('deliberation.answered'),
    data: z.object({
      ...callRef,
      contribution,
      reasoning: z.string().nullable(),
      reasoning_ref: wholeText,
      served_model: z.string(),
      truncated: z.boolean(),
      repaired: z.boolean(),
      degraded: z.string().nullable(),
      metrics: callMetrics,
      /** What followed the prompt where the first reply was not the JSON asked for. */
      repair: z.array(chatMessage).optional(),
    }),
  }),
  z.object({
    type: z.literal('deliberation.call_failed'),
    data: z.object({
      ...callRef,
      error: z.string(),
      error_type: failureKind,
      content: z.string().nullable(),
      content_ref: wholeText,
      metrics: callMetrics,
      /** What followed the prompt where the first reply was not the JSON asked for. */
      repair: z.array(chatMessage).optional(),
    }),
  }),
  z.object({
    type: z.literal('deliberation.checked'),
    data: z.object({ results: z.array(z.object({ agent_id: z.string(), checks: z.array(checkResult) })) }),
  }),
  z.object({
    type: z.literal('deliberation.ranked'),
    data: z.object({
      ranking: z.array(rankedProposal),
      /** Durbin's coefficient of concordance, ties corrected; null below 3 agents or when unbalanced. */
      agreement: z.number().nullable(),
      /** Correlation of score with the position shown; null when it cannot be computed. */
      position_bias: z.number().nullable(),
      /** The baseline's samples, ranked among themselves; absent without a baseline. */
      samples: z.array(rankedProposal).optional(),
    }),
  }),
  z.object({ type: z.literal('deliberation.selected'), data: z.object({ selection }) }),
  z.object({
    type: z.literal('deliberation.ended'),
    data: z.object({
      status: deliberationStatus,
      reason: endReason,
      partial: z.boolean(),
      winner_id: z.string().nullable(),
      message: z.string(),
    }),
  }),
  z.object({
    type: z.literal('deliberation.late_answer'),
    /** It changes nothing but what was spent; `metrics` is null in logs of versions that did not book that. */
    data: z.object({ ...callRef, kind: z.enum(['completed', 'failed']), metrics: callMetrics.nullable().default(null) }),
  }),
  /** The samples of the baseline are asked for, each as a `propose` call of round 0 under its own name. */
  z.object({ type: z.literal('deliberation.baseline_started'), data: z.object({ expected: z.array(z.string()) }) }),
  /** There is no baseline although one was wanted. */
  z.object({ type: z.literal('deliberation.baseline_skipped'), data: z.object({ message: z.string() }) }),
  /** An operator had a failed call made again while its phase was open: it is open anew, under the attempt named. */
  z.object({
    type: z.literal('deliberation.call_retried'),
    data: z.object({ ...call, attempt: z.int().min(2), command_id: z.string() }),
  }),
  z.object({
    type: z.literal('deliberation.rounds_stopped'),
    data: roundsStopped,
  }),
  z.object({ type: z.literal('deliberation.measured'), data: measured }),
  /** How the run stands to its deadline now: only changes are told. */
  z.object({ type: z.literal('deliberation.risk_changed'), data: riskChanged }),
  /** After the end: what a person says of the result. */
  z.object({ type: z.literal('deliberation.outcome_recorded'), data: z.object({ outcome }) }),
  /** Out of the default list, and back. */
  z.object({ type: z.literal('deliberation.archived'), data: z.object({ by: z.string() }) }),
  z.object({ type: z.literal('deliberation.restored'), data: z.object({ by: z.string() }) }),
  /** Nothing is to be done about it: it no longer asks for attention. */
  z.object({ type: z.literal('deliberation.dismissed'), data: z.object({ by: z.string() }) }),
])
export type DeliberationEvent = z.infer<typeof deliberationEvent>

/** Version of the `data` shapes above. */
export const DELIBERATION_SCHEMA = 1
