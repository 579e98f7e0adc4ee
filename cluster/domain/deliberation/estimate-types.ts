import type { CallPhase, PhaseName } from './phase-types.ts'

/** What a run is expected to take; mirrors the zod shapes of `cluster/messages` like the rest of the types. Milliseconds, micro-dollars. */

export interface PhaseEstimate {
  readonly phase: PhaseName
  readonly round: number
  readonly calls: number
  readonly tokens_in: number
  readonly tokens_out: number
  readonly duration_ms: number | null
  readonly cost_micro_usd: number
}

export type BaselineEstimate = Omit<PhaseEstimate, 'phase' | 'round'>

export interface RunEstimate {
  readonly phases: PhaseEstimate[]
  readonly baseline: BaselineEstimate | null
  readonly calls: number
  readonly tokens_in: number
  readonly tokens_out: number
  readonly duration_ms: number | null
  readonly duration_worst_ms: number | null
  readonly cost_micro_usd: number
  readonly cost_worst_micro_usd: number
  readonly basis: string
}

/** How long a model's answers in a phase were, in tokens: the newest `calls` of them. */
export interface AnswerSize {
  readonly phase: CallPhase
  readonly calls: number
  readonly mean: number
  readonly p90: number
}
