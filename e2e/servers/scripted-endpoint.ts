import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sampleOf } from '../../cluster/adapters/memory/json-sample.ts'

/** What the endpoint does with one chat request. */
export type Behaviour =
  /** `after`: what the answer waits for. */
  | { readonly kind: 'answer'; readonly text?: string; readonly tokenDelayMs?: number; readonly after?: Promise<unknown> }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** Bytes that are no JSON. */
  | { readonly kind: 'malformed' }
  /** The connection ends in the middle of the stream. */
  | { readonly kind: 'cut' }
  /** The request is read and never answered. */
  | { readonly kind: 'silence' }

export interface ChatRequest {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly stream?: boolean
  readonly response_format?: { readonly json_schema?: { readonly name: string; readonly schema: Record<string, unknown> } }
}

export interface ScriptedEndpoint {
  readonly baseUrl: string
  /** Requests so far. */
  readonly requests: readonly ChatRequest[]
  behave(behaviour: (request: ChatRequest, index: number) => Behaviour): void
  stop(): Promise<void>
}

export const SCRIPTED_MODEL = 'scripted-7b'

/** The phase a request belongs to, told by the JSON it asks for; free text is a proposal or, where it shows problems, a revision. */
export function phaseOf(request: ChatRequest): 'propose' | 'critique' | 'revise' | 'score' | 'select' {
  const name = request.response_format?.json_schema?.name ?? ''
  for (const phase of ['critique', 'score', 'select'] as const) if (name.includes(phase)) return phase
  return request.messages.some((message) => message.content.includes('P1')) ? 'revise' : 'propose'
}

/**
 * A stand-in for an OpenAI-compatible server, for faults that a real one cannot be made to show on demand. It speaks the real wire
 * format: model list, server-sent chat chunks with usage, and errors.
 */
export async function startScriptedEndpoint(): Promise<ScriptedEndpoint> {
  const requests: ChatRequest[] = []
  let behaviour: (request: ChatRequest, index: number) => Behaviour = () => ({ kind: 'answer' })

  const server = createServer((request, response) => {
    if (request.url?.endsWith('/models')) {
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          object: 'list',
          data: [{ id: SCRIPTED_MODEL, object: 'model', owned_by: 'test', max_model_len: 16_384 }],
        }),
      )
    }
    readBody(request).then(
      async (body) => {
        const chat = JSON.parse(body) as ChatRequest
        requests.push(chat)
        await act(response, chat, behaviour(chat, requests.length - 1))
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    behave: (next) => void (behaviour = next),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function act(response: ServerResponse, request: ChatRequest, behaviour: Behaviour): Promise<void> {
  switch (behaviour.kind) {
    case 'silence':
      return
    case 'status': {
      const error = { message: `scripted ${behaviour.status}`, type: 'server_error', code: null, param: null }
      response.writeHead(behaviour.status, {
        'content-type': 'application/json',
        ...(behaviour.retryAfter !== undefined && { 'retry-after': behaviour.retryAfter }),
      })
      return void response.end(JSON.stringify({ error }))
    }
    case 'malformed':
      return void response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end('data: {"choices": [oops\n\ndata: [DONE]\n\n')
    case 'cut': {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(chunk(request, { delta: { content: 'This sentence never ' } }))
      setTimeout(() => response.destroy(), 30)
      return
    }
    case 'answer':
      await behaviour.after
      await answer(response, request, behaviour.text ?? textFor(request), behaviour.tokenDelayMs ?? 0)
  }
}

async function answer(response: ServerResponse, request: ChatRequest, text: string, tokenDelayMs: number): Promise<void> {
  const tokens = text.match(/\s*\S+/g) ?? []
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const token of tokens) {
    if (response.destroyed) return
    response.write(chunk(request, { delta: { content: token } }))
    if (tokenDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, tokenDelayMs))
  }
  response.write(chunk(request, { delta: {}, finish_reason: 'stop' }))
  const prompt_tokens = request.messages.reduce((sum, message) => sum + message.content.split(/\s+/).length, 0)
  response.write(
    `data: ${JSON.stringify({ ...head(request), choices: [], usage: { prompt_tokens, completion_tokens: tokens.length, total_tokens: prompt_tokens + tokens.length } })}\n\n`,
  )
  response.end('data: [DONE]\n\n')
}

const head = (request: ChatRequest) => ({
  id: 'chatcmpl-scripted',
  object: 'chat.completion.chunk',
  created: 0,
  model: request.model,
})

function chunk(request: ChatRequest, choice: { delta: Record<string, unknown>; finish_reason?: string }): string {
  return `data: ${JSON.stringify({ ...head(request), choices: [{ index: 0, finish_reason: null, ...choice }] })}\n\n`
}

/** JSON that meets the schema asked for, else some Markdown; the same request always gets the same text. */
function textFor(request: ChatRequest): string {
  const seed = hash(JSON.stringify(request.messages))
  const wanted = request.response_format?.json_schema?.schema
  if (wanted) return JSON.stringify(sampleOf(wanted, seed))
  return `## Approach ${seed % 1000}\n\nKeep one queue per consumer and retry with jitter.\n\n\`\`\`yaml\nretry:\n  base: 2s\n  cap: 15m\n\`\`\`\n\nChallenges: ordering, duplicates.`
}

function hash(text: string): number {
  let value = 7
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return value
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => resolve(body))
    request.on('error', reject)
  })
}
