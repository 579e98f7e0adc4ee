import { randomUUID } from 'node:crypto'
import type { BatchEndpoint } from '../../messages/batch.ts'
import type { ModelReply } from '../../ports/engines.ts'

type TokenUse = Pick<ModelReply, 'tokensIn' | 'tokensOut'>

/** Writes what an engine says as OpenAI's API does: in one piece, or as server-sent events. */
export interface AnswerWriter {
  /** All answers to one prompt. */
  whole(replies: readonly ModelReply[], usage: TokenUse): string
  /** The first event, where the API has one before any text. */
  begin(): string
  text(text: string): string
  end(reply: ModelReply, includeUsage: boolean): string
}

/** `created` in seconds since the epoch. */
export function createAnswerWriter(endpoint: BatchEndpoint, model: string, created: number): AnswerWriter {
  const isChat = endpoint === '/v1/chat/completions'
  const head = {
    id: `${isChat ? 'chatcmpl' : 'cmpl'}-${randomUUID()}`,
    object: isChat ? 'chat.completion' : 'text_completion',
    created,
    model,
  }
  const chunkHead = isChat ? { ...head, object: 'chat.completion.chunk' } : head
  const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`
  const chunk = (part: Record<string, unknown>, finish: string | null) =>
    event({ ...chunkHead, choices: [{ index: 0, ...part, logprobs: null, finish_reason: finish }] })

  return {
    whole: (replies, use) =>
      JSON.stringify({
        ...head,
        choices: replies.map((reply, index) => ({
          index,
          ...(isChat ? { message: messageOf(reply) } : { text: reply.text }),
          logprobs: null,
          finish_reason: reply.finish,
        })),
        usage: usage(use),
      }),
    begin: () => (isChat ? chunk({ delta: { role: 'assistant', content: '' } }, null) : ''),
    text: (text) => chunk(isChat ? { delta: { content: text } } : { text }, null),
    end(reply, includeUsage) {
      const last = chunk(isChat ? { delta: {} } : { text: '' }, reply.finish)
      const counts = includeUsage ? event({ ...chunkHead, choices: [], usage: usage(reply) }) : ''
      return `${last}${counts}data: [DONE]\n\n`
    },
  }
}

function messageOf({ text, reasoning }: ModelReply) {
  return { role: 'assistant', content: text, refusal: null, ...(reasoning !== null && { reasoning_content: reasoning }) }
}

/** The prompt counts once, as in OpenAI's API. */
export function usageOf(replies: readonly ModelReply[]): TokenUse {
  return { tokensIn: replies[0]?.tokensIn ?? 0, tokensOut: replies.reduce((sum, { tokensOut }) => sum + tokensOut, 0) }
}

function usage({ tokensIn, tokensOut }: TokenUse) {
  return { prompt_tokens: tokensIn, completion_tokens: tokensOut, total_tokens: tokensIn + tokensOut }
}
