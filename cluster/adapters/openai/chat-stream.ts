import * as z from 'zod'
import { ModelCallError } from '../../ports/engines.ts'
import { createReasoningFilter } from '../engines/reasoning-filter.ts'

const tokenLogprob = z.object({ token: z.string(), logprob: z.number() })
const streamedToken = tokenLogprob.extend({ top_logprobs: z.array(tokenLogprob).default([]) })
export type StreamedToken = z.infer<typeof streamedToken>

const chunk = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        delta: z
          .object({ content: z.string().nullish(), reasoning_content: z.string().nullish(), reasoning: z.string().nullish() })
          .nullish(),
        finish_reason: z.string().nullish(),
        logprobs: z.object({ content: z.array(streamedToken).nullish() }).nullish(),
      }),
    )
    .default([]),
  usage: z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() }).nullish(),
})

export interface ChatText {
  readonly text: string
  readonly reasoning: string | null
  readonly servedModel: string | null
  readonly finish: 'stop' | 'length'
  readonly usage: { readonly tokensIn: number; readonly tokensOut: number } | null
  readonly firstTokenAt: number | null
  /** The tokens of the answer with their alternatives; empty where the server gives none. */
  readonly tokens: readonly StreamedToken[]
}

export interface ChatListener {
  now(): number
  /** Called with the first name the server gives; may throw to end the call. */
  onServedModel(model: string): void
  onText(text: string): void
}

/** Reads a streamed chat completion to its end. Throws ModelCallError when it is cut, blocked or empty. */
export async function readChat(stream: AsyncIterable<unknown>, listener: ChatListener): Promise<ChatText> {
  const filter = createReasoningFilter()
  const tokens: StreamedToken[] = []
  let servedModel: string | null = null
  let finish: string | null = null
  let usage: ChatText['usage'] = null
  let firstTokenAt: number | null = null
  let separateReasoning = ''

  for await (const item of stream) {
    const part = chunk.parse(item)
    if (part.model && servedModel === null) {
      servedModel = part.model
      listener.onServedModel(part.model)
    }
    if (part.usage) usage = { tokensIn: part.usage.prompt_tokens, tokensOut: part.usage.completion_tokens }
    const choice = part.choices[0]
    if (!choice) continue
    const thought = choice.delta?.reasoning_content ?? choice.delta?.reasoning ?? ''
    const content = choice.delta?.content ?? ''
    if (thought || content) firstTokenAt ??= listener.now()
    separateReasoning += thought
    tokens.push(...(choice.logprobs?.content ?? []))
    finish = choice.finish_reason ?? finish
    const said = filter.push(content)
    if (said) listener.onText(said)
  }

  if (finish === null) throw new ModelCallError('connection', 'The answer was cut off before its end.', { retryable: true })
  if (finish === 'content_filter') {
    throw new ModelCallError('rejected', 'The endpoint blocked the answer by its content filter.', { retryable: false })
  }
  const { rest, text, reasoning } = filter.end()
  if (rest) listener.onText(rest)
  if (!text.trim()) {
    const why = finish === 'length' ? ' All of its tokens went into thinking.' : ''
    throw new ModelCallError('invalid_output', `The answer is empty.${why}`, { retryable: finish !== 'length' })
  }
  return {
    text,
    reasoning: [separateReasoning.trim(), reasoning].filter(Boolean).join('\n') || null,
    servedModel,
    finish: finish === 'length' ? 'length' : 'stop',
    usage,
    firstTokenAt,
    tokens,
  }
}
