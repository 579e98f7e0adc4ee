import { callerOf, samplersOf } from './council.ts'
import type { CallOrder } from './plan.ts'
import { critiqueShape, scoreShape, selectShape, type ReplyShape, type Yardstick } from './shapes.ts'
import type { CallPhase, RunAgent, RunSpec, ScoreField } from './types.ts'

/** What the starter model is asked for at most: it is for trying the flow, and longer texts of it run into loops. */
const STARTER_TOKENS = 256
const STRUCTURED_TOKENS = 1024

/** Token limit of an answer: as asked, else the role's, else a quarter of the model's context, else 2048. */
export function defaultMaxTokens(
  asked: number | null | undefined,
  roleMax: number | null | undefined,
  contextTokens: number | null | undefined,
): number {
  return asked ?? roleMax ?? (contextTokens ? Math.max(1, Math.floor(contextTokens / 4)) : 2048)
}

interface ReplyPlan {
  readonly maxTokens: number
  /** The least that is of use: below it the prompt is cut rather than the answer. */
  readonly leastTokens: number
  readonly shape: ReplyShape | null
  readonly scoreField: ScoreField | null
}

/** How long a reply may be and which form it has. `shownCount` is how many texts a scorer or the architect sees. */
export function replyPlan(agent: RunAgent, phase: CallPhase, yardstick: Yardstick, shownCount: number): ReplyPlan {
  const tokens = agent.starter ? STARTER_TOKENS : STRUCTURED_TOKENS
  // Text has two characters to a token or more, but a weak model falls into rows of digits, which are often split one by one.
  const charactersPerToken = agent.starter ? 1 : 2
  switch (phase) {
    case 'propose':
    case 'revise': {
      const maxTokens = agent.starter ? Math.min(STARTER_TOKENS, agent.max_tokens) : agent.max_tokens
      const leastTokens = Math.min(maxTokens, Math.max(STARTER_TOKENS, Math.floor(agent.context_tokens / 16)))
      return { maxTokens, leastTokens, shape: null, scoreField: null }
    }
    case 'critique':
      return whole(tokens, critiqueShape(yardstick.rubric, { tokens, charactersPerToken }), null)
    case 'score': {
      const atLeast = 128 + 40 * (yardstick.rubric.length + yardstick.requirements.length) * shownCount
      const room = { tokens: Math.max(3.5 * tokens, atLeast), charactersPerToken }
      return whole(atLeast, scoreShape(yardstick, shownCount, room), { field: 'score', min: 0, max: 10 })
    }
    case 'select':
      return whole(tokens, selectShape(shownCount, { tokens, charactersPerToken }), null)
  }
}

/** JSON is of no use cut off, so its least is its most. */
function whole(atLeast: number, shape: ReplyShape, scoreField: ScoreField | null): ReplyPlan {
  const maxTokens = Math.max(atLeast, shape.worstTokens)
  return { maxTokens, leastTokens: shape.worstTokens, shape, scoreField }
}

/** The least that an agent must be able to write to score all others and the samples of the baseline. */
export function scoreTokens(agent: RunAgent, spec: Yardstick & Pick<RunSpec, 'agents' | 'baseline'>): number {
  return replyPlan(agent, 'score', spec, spec.agents.length - 1 + samplersOf(spec).length).leastTokens
}

export function replyPlanOf(spec: RunSpec, order: CallOrder): ReplyPlan {
  return replyPlan(callerOf(spec, order), order.phase, spec, 'shown' in order ? order.shown.length : 0)
}

/** Temperature of a call: texts as the agent is set, judgements low. */
export function temperatureOf(agent: RunAgent, phase: CallPhase): number {
  switch (phase) {
    case 'propose':
    case 'revise':
      return agent.temperature
    case 'critique':
      return 0.3
    case 'score':
    case 'select':
      return 0.2
  }
}

/** A profile's temperature for one agent: × 1.3 where a different approach is asked for, at most 2.0; to three digits. */
export function variedTemperature(temperature: number, diversity: boolean): number {
  return diversity ? Math.min(2, Math.round(temperature * 1300) / 1000) : temperature
}
