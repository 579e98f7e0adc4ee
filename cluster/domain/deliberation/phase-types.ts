/** The steps of a run in their order; all but the checks are made of model calls. */
export type PhaseName = 'propose' | 'critique' | 'revise' | 'check' | 'score' | 'select'
export type CallPhase = Exclude<PhaseName, 'check'>
