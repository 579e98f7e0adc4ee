/**
 * The shapes that travel: events, answers, work. They mirror the zod shapes of `cluster/messages` field by field
 * (types.test.ts pins them both ways), so the arrays are mutable as zod infers them.
 */

import type { AgentChecks } from './check-types.ts'
import type { RunEstimate } from './estimate-types.ts'
import type { Critique, PeerScore, ProblemAnswer, RankedProposal, Selection } from './judgement-types.ts'
import type { AfterEndEvent } from './outcome-types.ts'
import type { CallPhase, PhaseName } from './phase-types.ts'
import type { RiskChanged } from './risk-types.ts'

export type { AgentChecks, CheckResult } from './check-types.ts'
export type { AnswerSize, BaselineEstimate, PhaseEstimate, RunEstimate } from './estimate-types.ts'
export type {
  Critique,
  CriterionScore,
  PeerScore,
  ProblemAnswer,
  RankedCriterion,
  RankedProposal,
  RequirementVerdict,
  Selection,
} from './judgement-types.ts'
export type { AfterEndEvent, Outcome } from './outcome-types.ts'
export type { CallPhase, PhaseName } from './phase-types.ts'
export type { DeadlineRisk, RiskChanged } from './risk-types.ts'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface ModelReference {
  readonly engine_id: string
  readonly model: string
}

export interface JsonFormat {
  readonly name: string
  readonly schema: Record<string, unknown>
}

export interface ScoreField {
  readonly field: string
  readonly min: number
  readonly max: number
}

/** A large text's whole in the blob store. Decisions are made on whole texts and set no references; what stores an event does. */
interface BlobReference {
  readonly sha256: string
  readonly size: number
}

export interface Criterion {
  readonly name: string
  readonly weight: number
  readonly description?: string | undefined
}

export interface Requirement {
  readonly id: string
  readonly text: string
  readonly expression?: string | undefined
}

interface ClusterSpec {
  readonly kubernetes_version?: string | undefined
  readonly namespace?: string | undefined
  readonly allowed_kinds?: string[] | undefined
}

export interface RunAgent {
  readonly agent_id: string
  readonly model: ModelReference
  readonly label: string
  readonly starter: boolean
  readonly temperature: number
  readonly persona: string | null
  readonly diversity: boolean
  readonly max_tokens: number
  readonly context_tokens: number
  readonly price_in: number
  readonly price_out: number
}

export interface RunBaseline {
  readonly agents: RunAgent[]
  readonly debate_tokens: number
  readonly sample_tokens: number
}

export interface RunSpec {
  readonly task_id: string
  readonly title: string
  readonly task: string
  readonly attachments: { readonly name: string; readonly content: string }[]
  readonly role: string
  readonly role_title: string
  readonly persona: string
  readonly agents: RunAgent[]
  readonly architect: RunAgent | null
  readonly architect_k: number
  readonly rounds: number
  readonly seed: number
  readonly rubric: Criterion[]
  readonly architect_rubric?: Criterion[] | undefined
  readonly requirements: Requirement[]
  /** Headings that each final text must have. */
  readonly required_sections: string[]
  readonly additional_checks?:
    { readonly check_type: string; readonly expression: string; readonly pass_at: number }[] | undefined
  readonly cluster_spec?: ClusterSpec | undefined
  readonly peer_review: boolean
  readonly revision_by: 'author' | 'critic'
  readonly peer_scoring: boolean
  readonly rubric_weight: number
  readonly quorum: number | null
  readonly consensus_stop: boolean
  readonly consensus_cosine: number | null
  readonly baseline: RunBaseline | null
  readonly prompts_version: string
  readonly starter: boolean
  readonly limits: {
    readonly timeout_ms: number
    readonly call_timeout_ms: number
    readonly max_retries: number
    readonly tokens: number | null
    readonly cost_micro_usd: number | null
  }
  readonly deadline: number
  readonly estimate: RunEstimate
  readonly rerun_of: string | null
  readonly council_id: string | null
  readonly metadata: Record<string, string>
}

interface CallMetrics {
  readonly tokens_in: number
  readonly tokens_out: number
  readonly queued_at: number
  readonly started_at: number
  readonly first_token_at: number | null
  readonly ended_at: number
  readonly attempts: number
}

export type FailureKind =
  | 'timeout'
  | 'rate_limited'
  | 'server_error'
  | 'connection'
  | 'engine_crashed'
  | 'invalid_output'
  | 'model_mismatch'
  | 'model_missing'
  | 'context_exceeded'
  | 'rejected'
  | 'cancelled'
  | 'internal'

interface AnswerBase {
  readonly task_id: string
  readonly round: number
  readonly phase: CallPhase
  readonly agent_id: string
  readonly attempt?: number | undefined
  readonly role: string
  readonly num_agents: number
  readonly metrics: CallMetrics
  readonly repair?: ChatMessage[] | undefined
}

export interface CompletedAnswer extends AnswerBase {
  readonly kind: 'completed'
  readonly content: string
  readonly content_ref?: BlobReference | undefined
  readonly reasoning: string | null
  readonly reasoning_ref?: BlobReference | undefined
  readonly model: ModelReference
  readonly served_model: string
  readonly finish: 'stop' | 'length'
  readonly expected_scores: number[] | null
  readonly repaired: boolean
  readonly degraded: string | null
}

interface FailedAnswer extends AnswerBase {
  readonly kind: 'failed'
  readonly error: string
  readonly error_type: FailureKind
  readonly content: string | null
  readonly content_ref?: BlobReference | undefined
}

export type Answer = CompletedAnswer | FailedAnswer

export type RunStatus = 'UNKNOWN' | 'PENDING' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'TIMEOUT' | 'CANCELLED' | 'EXPIRED'
export type EndReason = 'ranked' | 'all_failed' | 'deadline' | 'cancelled' | 'token_limit' | 'cost_limit' | 'fatal'

export type Contribution =
  | { readonly kind: 'proposal'; readonly content: string; readonly content_ref?: BlobReference | undefined }
  | { readonly kind: 'critique'; readonly target_id: string; readonly version: number; readonly critique: Critique }
  | {
      readonly kind: 'revision'
      readonly content: string
      readonly content_ref?: BlobReference | undefined
      readonly critic_id: string
      readonly author_id?: string | undefined
      readonly answers: ProblemAnswer[]
    }
  | { readonly kind: 'scores'; readonly scores: PeerScore[] }
  | { readonly kind: 'selection'; readonly chosen: string; readonly reason: string }

/** What names a call inside its run. */
export interface CallRef {
  readonly round: number
  readonly phase: CallPhase
  readonly agent_id: string
}

/** Which try of a call: 1 and up, one more each time an operator asks for it again; absent: the first. */
export interface CallAttempt extends CallRef {
  readonly attempt?: number | undefined
}

interface AnsweredData extends CallAttempt {
  readonly contribution: Contribution
  readonly reasoning: string | null
  readonly reasoning_ref?: BlobReference | undefined
  readonly served_model: string
  readonly truncated: boolean
  readonly repaired: boolean
  readonly degraded: string | null
  readonly metrics: CallMetrics
  readonly repair?: ChatMessage[] | undefined
}

export interface CallFailedData extends CallAttempt {
  readonly error: string
  readonly error_type: FailureKind
  readonly content: string | null
  readonly content_ref?: BlobReference | undefined
  readonly metrics: CallMetrics
  readonly repair?: ChatMessage[] | undefined
}

export interface EndedData {
  readonly status: RunStatus
  readonly reason: EndReason
  readonly partial: boolean
  readonly winner_id: string | null
  readonly message: string
}

export interface RankedData {
  readonly ranking: RankedProposal[]
  readonly agreement: number | null
  readonly position_bias: number | null
  readonly samples?: RankedProposal[] | undefined
}

/** How alike a run's texts are, by the vectors of an embedding model. */
export interface Measured {
  readonly at: 'round' | 'check'
  readonly round: number
  readonly embedding_model: string | null
  readonly diversity: number | null
  readonly first_diversity: number | null
  readonly relevance: number | null
  readonly truncated: number
  readonly tokens: number
  readonly counted: boolean
  readonly cost_micro_usd: number
  readonly reason: string | null
}

/** Everything that can happen to a run. */
export type RunEvent =
  | { readonly type: 'deliberation.submitted'; readonly data: { readonly spec: RunSpec } }
  | {
      readonly type: 'deliberation.phase_started'
      readonly data: { readonly phase: PhaseName; readonly round: number; readonly expected: string[] }
    }
  | { readonly type: 'deliberation.answered'; readonly data: AnsweredData }
  | { readonly type: 'deliberation.call_failed'; readonly data: CallFailedData }
  | { readonly type: 'deliberation.checked'; readonly data: { readonly results: AgentChecks[] } }
  | { readonly type: 'deliberation.ranked'; readonly data: RankedData }
  | { readonly type: 'deliberation.selected'; readonly data: { readonly selection: Selection } }
  | { readonly type: 'deliberation.ended'; readonly data: EndedData }
  | {
      readonly type: 'deliberation.late_answer'
      readonly data: CallAttempt & { readonly kind: 'completed' | 'failed'; readonly metrics: CallMetrics | null }
    }
  | { readonly type: 'deliberation.baseline_started'; readonly data: { readonly expected: string[] } }
  | { readonly type: 'deliberation.baseline_skipped'; readonly data: { readonly message: string } }
  | {
      readonly type: 'deliberation.call_retried'
      readonly data: CallRef & { readonly attempt: number; readonly command_id: string }
    }
  | {
      readonly type: 'deliberation.rounds_stopped'
      readonly data: {
        readonly round: number
        readonly reason: 'unchanged' | 'agreed'
        readonly mean_cosine: number | null
        readonly message: string
      }
    }
  | { readonly type: 'deliberation.measured'; readonly data: Measured }
  | { readonly type: 'deliberation.risk_changed'; readonly data: RiskChanged }
  | AfterEndEvent

interface Prompt {
  readonly system: string
  readonly user: string
}

/** The prompts as data: templates with `{{placeholders}}`. Parts that may be absent have a template of their own. */
export interface PromptSet {
  readonly version: string
  readonly brief: string
  readonly requirements: string
  readonly metadata: string
  readonly diversity: string
  readonly material: string
  readonly candidate: string
  readonly judge_requirements: string
  readonly attachments: string
  readonly phases: Readonly<Record<CallPhase, Prompt>>
  /** In place of `revise` where the critic rewrites; absent in versions before that could be asked for. */
  readonly revise_by_critic?: Prompt | undefined
}
