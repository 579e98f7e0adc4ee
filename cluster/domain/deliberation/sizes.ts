import { callerOf } from './council.ts'
import { replyPlanOf } from './limits.ts'
import type { CallOrder } from './plan.ts'
import { requirementLines } from './requirement-lines.ts'
import { currentText, type RunState } from './state.ts'
import type { CallPhase, RunSpec } from './types.ts'

/** Fewer characters than most tokenizers put into a token, so that the estimate is an upper one. */
const CHARACTERS_PER_TOKEN = 3
/** Instructions, delimiters and the chat template around what a call is shown. */
const FRAME_TOKENS = 500
const FRAME_TOKENS_PER_TEXT = 60

/** Upper estimate of a text's tokens, for plans; what is sent is counted by the engine's own tokenizer. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

export type BriefInput = Pick<
  RunSpec,
  'persona' | 'rubric' | 'requirements' | 'required_sections' | 'metadata' | 'role_title' | 'attachments'
>

/** Tokens of what every prompt of a run repeats, without the task: instructions and attached files. */
export function briefTokens(spec: BriefInput): number {
  const rubric = spec.rubric.map((each) => `- ${each.name} (100 %): ${each.description ?? ''}`)
  const requirements = requirementLines(spec)
  const metadata = Object.entries(spec.metadata).map(([key, value]) => `- ${key}: ${value}`)
  const attached = spec.attachments.reduce(
    (sum, file) => sum + estimateTokens(file.name + file.content) + FRAME_TOKENS_PER_TEXT,
    0,
  )
  return (
    attached + FRAME_TOKENS + estimateTokens([spec.persona, spec.role_title, ...rubric, ...requirements, ...metadata].join('\n'))
  )
}

/** Tokens of a prompt from those of its parts: what it repeats (brief, task) and the texts that its phase shows. */
export function promptTokens(
  phase: CallPhase,
  parts: { brief: number; task: number; texts: readonly number[]; critique: number },
): number {
  const always = parts.brief + parts.task
  const texts = parts.texts.reduce((sum, tokens) => sum + tokens + FRAME_TOKENS_PER_TEXT, 0)
  switch (phase) {
    case 'propose':
      return always
    case 'revise':
      return always + texts + parts.critique
    case 'critique':
    case 'score':
    case 'select':
      return always + texts
  }
}

/** Upper estimate of the prompt of one call; never more than the context leaves, since the prompt is cut to that. */
export function promptTokensOf(state: RunState, order: CallOrder): number {
  const { spec } = state
  const shown = shownIn(order)
  const critique =
    order.phase === 'revise'
      ? state.critiques.find((each) => each.round === order.round && each.targetId === order.author_id)?.critique
      : null
  const tokens = promptTokens(order.phase, {
    brief: briefTokens(spec),
    task: estimateTokens(spec.task),
    texts: shown.map((id) => estimateTokens(currentText(state, id)?.content ?? '')),
    critique: critique ? estimateTokens(JSON.stringify(critique)) : 0,
  })
  return Math.min(tokens, Math.max(0, callerOf(spec, order).context_tokens - replyPlanOf(spec, order).leastTokens))
}

/** Whose texts a call is shown. */
function shownIn(order: CallOrder): readonly string[] {
  switch (order.phase) {
    case 'propose':
      return []
    case 'critique':
      return [order.target_id]
    case 'revise':
      return [order.author_id]
    case 'score':
    case 'select':
      return order.shown
  }
}
