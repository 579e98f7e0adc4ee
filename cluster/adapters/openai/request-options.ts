import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { ModelCall } from '../../ports/engines.ts'

/** The most alternatives a token's log-probability can be asked for with. */
const TOP_LOGPROBS = 20

/** Parts of a request that not every server takes, in the order in which an unclear refusal is read. */
const OPTIONS = ['stream_options', 'logprobs', 'response_format', 'seed', 'max_tokens', 'temperature'] as const
export type RequestOption = (typeof OPTIONS)[number]

const NAMED_BY: Record<RequestOption, RegExp> = {
  stream_options: /stream_options|include_usage/,
  logprobs: /logprobs/,
  response_format: /response_format|json_schema|structured output|guided|grammar/i,
  seed: /\bseed\b/,
  max_tokens: /max_tokens/,
  temperature: /temperature/,
}

/** What an answer lacks where the server refused the option; null where nothing is lost. */
const WITHOUT: Record<RequestOption, string | null> = {
  stream_options: 'The endpoint gives no token counts; they are estimated.',
  logprobs: 'The endpoint gives no log-probabilities; the stated scores stand.',
  response_format: 'The endpoint does not hold answers to a JSON schema.',
  seed: 'The endpoint takes no seed; the answer cannot be repeated.',
  max_tokens: null,
  temperature: 'The endpoint takes no temperature.',
}

export function buildRequest(call: ModelCall, refused: ReadonlySet<RequestOption>): ChatCompletionCreateParamsStreaming {
  const takes = (option: RequestOption) => !refused.has(option)
  return {
    model: call.model.model,
    messages: [...call.messages],
    stream: true,
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only name that servers other than OpenAI's know
    ...(takes('max_tokens') ? { max_tokens: call.maxTokens } : { max_completion_tokens: call.maxTokens }),
    ...(takes('temperature') && { temperature: call.temperature }),
    ...(call.topP !== undefined && { top_p: call.topP }),
    ...(call.stop && { stop: [...call.stop] }),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the seed is what makes a run repeatable
    ...(takes('seed') && { seed: call.seed }),
    ...(takes('stream_options') && { stream_options: { include_usage: true } }),
    ...(call.format &&
      takes('response_format') && {
        response_format: {
          type: 'json_schema' as const,
          json_schema: { name: call.format.name, schema: call.format.schema, strict: true },
        },
      }),
    ...(call.scoreField && takes('logprobs') && { logprobs: true, top_logprobs: TOP_LOGPROBS }),
  }
}

/** The option that a refusal (status 400 or 422) speaks of, if it was part of the request and not refused before. */
export function refusedOption(
  error: { message: string; param?: string | null | undefined },
  call: ModelCall,
  refused: ReadonlySet<RequestOption>,
) {
  const candidates = OPTIONS.filter((option) => !refused.has(option) && isUsed(option, call))
  return (
    candidates.find((option) => error.param && NAMED_BY[option].test(error.param)) ??
    candidates.find((option) => NAMED_BY[option].test(error.message))
  )
}

/** What the answer to this call lacks because of what the server refuses. */
export function lackOf(call: ModelCall, refused: ReadonlySet<RequestOption>): string[] {
  return OPTIONS.filter((option) => refused.has(option) && isUsed(option, call)).flatMap((option) => WITHOUT[option] ?? [])
}

function isUsed(option: RequestOption, call: ModelCall): boolean {
  if (option === 'logprobs') return call.scoreField !== null
  if (option === 'response_format') return call.format !== null
  return true
}
