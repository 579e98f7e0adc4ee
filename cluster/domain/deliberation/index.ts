export { decideArchive, decideDismiss, decideOutcome, type AfterEnd } from './after-end.ts'
export { reasonAgainst } from './bulk.ts'
export { planBaseline } from './baseline.ts'
export { composeCall } from './compose.ts'
export { decideAnswer, decideCancel, decideChecks, decideMeasure, decideSubmit, decideTime } from './decide.ts'
export { callerOf, costMicroUsd, isSampler } from './council.ts'
export { estimateRun } from './estimate.ts'
export { defaultMaxTokens, scoreTokens, variedTemperature } from './limits.ts'
export { openCalls, passedOver, type CallOrder } from './plan.ts'
export { decideRetry, type RetryDecision } from './retry.ts'
export { decideRisk, lookAtRisk, watchRisk, type RiskWatch } from './risk.ts'
export { parseRubric } from './rubric.ts'
export { standingOf } from './standing.ts'
export {
  joinVectors,
  measure,
  measureBeforeRound,
  measureId,
  measureOfResult,
  partsOf,
  textsOf,
  type MeasureOrder,
} from './similarity.ts'
export { applyEvent, attemptOf, finalTexts, isTerminal, judgedTexts, type RunState } from './state.ts'
export { expectedPhases, outlookOf, worstShareOf } from './time-left.ts'
export type { AgentChecks, AnswerSize, CallRef, Measured, ModelReference, PromptSet, RunEvent, RunSpec } from './types.ts'
