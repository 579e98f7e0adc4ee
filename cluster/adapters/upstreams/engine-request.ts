import { randomInt } from 'node:crypto'
import * as z from 'zod'
import type { CommandError } from '../../messages/errors.ts'
import { readInput } from '../../messages/read-input.ts'
import type { ChatMessage, JsonFormat } from '../../messages/work.ts'
import type { ModelCall } from '../../ports/engines.ts'
import type { UpstreamRequest } from '../../ports/upstreams.ts'

/** A request as an engine that is called directly takes it. */
export interface EngineRequest {
  readonly call: Omit<ModelCall, 'maxTokens'>
  /** Null: as many as the context has room for. */
  readonly maxTokens: number | null
  /** Answers that are wanted. */
  readonly count: number
  readonly stream: boolean
  readonly includeUsage: boolean
}

/** A parameter that such an engine cannot honour, or that is wrong. */
export interface RefusedRequest {
  readonly message: string
  readonly param: string | null
  readonly code: string
}

const textPart = z.object({ type: z.literal('text'), text: z.string() })
const content = z.union([z.string(), z.array(textPart).min(1)], { error: 'Only text can be read here.' })
const message = z.object({ role: z.enum(['system', 'developer', 'user', 'assistant']), content })
/** A parameter that may be given only with the value that changes nothing. */
export const nothingBut = (what: string, ...values: readonly unknown[]) =>
  z
    .unknown()
    .refine((value) => value === null || value === undefined || values.some((one) => isSame(one, value)), {
      error: `${what} is not supported by this engine.`,
    })
    .optional()

const MAX_ANSWERS = 16
/** As in OpenAI's API. */
const MAX_STOPS = 4

const shared = {
  model: z.string(),
  max_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  seed: z.int().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.int().min(1).max(MAX_ANSWERS).nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(MAX_STOPS)]).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  // As vLLM takes it: -1 and 0 are no limit.
  top_k: z.int().min(-1).nullish(),
  min_p: nothingBut('A least probability', 0),
  repetition_penalty: nothingBut('A penalty', 1),
  presence_penalty: nothingBut('A penalty', 0),
  frequency_penalty: nothingBut('A penalty', 0),
  logit_bias: nothingBut('A bias of tokens', {}),
}

const chat = z.object({
  ...shared,
  messages: z.array(message).min(1),
  max_completion_tokens: z.int().min(1).nullish(),
  response_format: z
    .union(
      [
        z.object({ type: z.literal('text') }),
        z.object({ type: z.literal('json_object') }),
        z.object({
          type: z.literal('json_schema'),
          json_schema: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) }),
        }),
      ],
      {
        error:
          'This engine gives text, a JSON object, or JSON by a schema ({"type": "json_schema", "json_schema": {name, schema}}).',
      },
    )
    .nullish(),
  logprobs: nothingBut('Log-probabilities', false),
  top_logprobs: nothingBut('Log-probabilities', 0),
  tools: nothingBut('Tools', []),
  tool_choice: nothingBut('Tools', 'none', 'auto'),
  functions: nothingBut('Functions', []),
  audio: nothingBut('Audio'),
  modalities: nothingBut('Another modality than text', ['text']),
})

const completion = z.object({
  ...shared,
  prompt: z.union([z.string().min(1), z.tuple([z.string().min(1)])], { error: 'One prompt as text is taken.' }),
  echo: nothingBut('An echo of the prompt', false),
  suffix: nothingBut('A suffix', ''),
  best_of: nothingBut('More than one answer', 1),
  logprobs: nothingBut('Log-probabilities', 0),
})

const DEFAULT_COMPLETION_TOKENS = 16

/** Reads a request in OpenAI's shape. What cannot be honoured is refused by name, never passed over. */
export function readEngineRequest(request: UpstreamRequest): EngineRequest | RefusedRequest {
  const body = parseBody(request.body)
  if (body === undefined) return { message: 'The body is not valid JSON.', param: null, code: 'invalid_json' }
  const read = request.endpoint === '/v1/chat/completions' ? readChat(body) : readCompletion(body)
  if ('message' in read) return read
  const { data, messages, maxTokens, format } = read
  const count = data.n ?? 1
  if (data.stream && count > 1)
    return { message: '`n`: More than one answer is not streamed by this engine.', param: 'n', code: 'invalid_value' }
  return {
    stream: data.stream ?? false,
    includeUsage: data.stream_options?.include_usage ?? false,
    maxTokens: maxTokens ?? null,
    count,
    call: {
      model: request.model,
      messages,
      temperature: data.temperature ?? 1,
      seed: data.seed ?? randomInt(2 ** 31),
      format,
      scoreField: null,
      topP: data.top_p ?? undefined,
      topK: typeof data.top_k === 'number' ? Math.max(0, data.top_k) : undefined,
      stop: stopsOf(data.stop),
    },
  }
}

function readChat(body: unknown) {
  const checked = readInput(chat, body, 'The body')
  if (!checked.success) return refusalOf(checked.error)
  const { data } = checked
  const maxTokens = data.max_completion_tokens ?? data.max_tokens
  return { data, messages: data.messages.map(plain), maxTokens, format: formatOf(data.response_format) }
}

function formatOf(asked: z.infer<typeof chat>['response_format']): JsonFormat | null {
  switch (asked?.type) {
    case 'json_schema':
      return asked.json_schema
    case 'json_object':
      return { name: 'object', schema: { type: 'object' } }
    case 'text':
    case undefined:
      return null
  }
}

function stopsOf(asked: string | readonly string[] | null | undefined): readonly string[] | undefined {
  const stops = typeof asked === 'string' ? [asked] : (asked ?? [])
  return stops.length > 0 ? stops : undefined
}

/** The model is a chat model: the prompt is what the user says. */
function readCompletion(body: unknown) {
  const checked = readInput(completion, body, 'The body')
  if (!checked.success) return refusalOf(checked.error)
  const { data } = checked
  const text = typeof data.prompt === 'string' ? data.prompt : data.prompt[0]
  const messages: ChatMessage[] = [{ role: 'user', content: text }]
  return { data, messages, maxTokens: data.max_tokens ?? DEFAULT_COMPLETION_TOKENS, format: null }
}

function plain({ role, content }: z.infer<typeof message>): ChatMessage {
  return {
    role: role === 'developer' ? 'system' : role,
    content: typeof content === 'string' ? content : content.map((part) => part.text).join(''),
  }
}

export function refusalOf({ message, field }: CommandError): RefusedRequest {
  return { message, param: field ?? null, code: 'invalid_value' }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Undefined where it is no JSON. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
