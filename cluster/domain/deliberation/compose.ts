import { callerOf } from './council.ts'
import { fitParts, type CountTokens } from './fit.ts'
import { replyPlanOf, temperatureOf } from './limits.ts'
import type { CallOrder } from './plan.ts'
import { promptParts, type PromptParts } from './prompt-parts.ts'
import { hash32 } from './shuffle.ts'
import { attemptOf, callKey, type RunState } from './state.ts'
import { fillTemplate } from './template.ts'
import type { ChatMessage, JsonFormat, PromptSet, ScoreField } from './types.ts'

export interface ComposedCall {
  readonly messages: ChatMessage[]
  readonly temperature: number
  readonly max_tokens: number
  readonly seed: number
  readonly diversity: boolean
  readonly format: JsonFormat | null
  readonly score_field: ScoreField | null
  /** Something had to be left out to fit the context; the prompt says so where it is missing. */
  readonly cut: boolean
}

export interface Fit {
  readonly countTokens: CountTokens
  /** Tokens of the whole prompt as the engine counted them; corrects `countTokens`. */
  readonly promptTokens?: number
}

const TEMPLATE_TOKENS_PER_MESSAGE = 8

/**
 * The prompt and settings of one call, fitted to the model's context: the answer's limit is lowered to what the prompt leaves
 * free, and where that would be too little to be of use the longest texts are cut, each with a mark.
 */
export function composeCall(state: RunState, order: CallOrder, prompts: PromptSet, fit: Fit): ComposedCall {
  const agent = callerOf(state.spec, order)
  const reply = replyPlanOf(state.spec, order)
  const parts = promptParts(state, order, prompts, reply.shape)
  const compose = (texts: readonly string[]): ChatMessage[] => render(parts, texts, prompts, order)
  const rough = (messages: readonly ChatMessage[]): number =>
    messages.reduce((sum, message) => sum + fit.countTokens(message.content) + TEMPLATE_TOKENS_PER_MESSAGE, 0)

  const whole = compose(parts.texts)
  const scale = fit.promptTokens === undefined ? 1 : fit.promptTokens / Math.max(1, rough(whole))
  const room = agent.context_tokens - reply.leastTokens
  const cut = rough(whole) * scale > room
  const messages = cut ? compose(fitted(parts.texts, compose, rough, room / scale, fit.countTokens)) : whole
  const free = Math.floor(agent.context_tokens - rough(messages) * scale)
  return {
    messages,
    temperature: temperatureOf(agent, order.phase),
    max_tokens: Math.max(1, Math.min(reply.maxTokens, free)),
    seed: seedOf(state, order),
    diversity: agent.diversity,
    format: reply.shape?.format ?? null,
    score_field: reply.scoreField,
    cut,
  }
}

/** Of the run's own seed; another for each attempt, since the same dice would give the same reply again. */
function seedOf(state: RunState, order: CallOrder): number {
  const attempt = attemptOf(state, order)
  return hash32(`${state.spec.seed}.${callKey(order)}${attempt > 1 ? `.${attempt}` : ''}`) & 0x7fff_ffff
}

function fitted(
  texts: readonly string[],
  compose: (texts: readonly string[]) => ChatMessage[],
  rough: (messages: readonly ChatMessage[]) => number,
  room: number,
  countTokens: CountTokens,
): readonly string[] {
  const fixed = rough(compose(texts.map(() => '')))
  return fitParts(texts, Math.floor(room - fixed), countTokens)
}

function render(parts: PromptParts, texts: readonly string[], prompts: PromptSet, order: CallOrder): ChatMessage[] {
  const values = parts.fill(texts)
  const { system, user } = promptOf(prompts, order)
  const message = (role: 'system' | 'user', template: string): ChatMessage => ({
    role,
    content: fillTemplate(template, values)
      .replaceAll(/\n{3,}/g, '\n\n')
      .trim(),
  })
  return [message('system', system), message('user', user)]
}

function promptOf(prompts: PromptSet, order: CallOrder): { readonly system: string; readonly user: string } {
  if (order.phase !== 'revise' || order.agent_id === order.author_id) return prompts.phases[order.phase]
  if (!prompts.revise_by_critic) throw new Error(`The prompts ${prompts.version} have none for a revision by the critic.`)
  return prompts.revise_by_critic
}
