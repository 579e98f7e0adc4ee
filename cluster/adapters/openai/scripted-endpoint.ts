import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What the server does with one request for a completion. */
export type Step = (request: SeenRequest, response: ServerResponse) => void

export interface SeenRequest {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Record<string, unknown>
}

/** An OpenAI-compatible server that answers by a script: for tests of what real servers do on bad days. */
export interface ScriptedEndpoint {
  readonly url: string
  /** Every request for a completion so far. */
  readonly requests: readonly SeenRequest[]
  /** Steps for the next completions; the last one stays for all that follow. */
  script(...steps: readonly [Step, ...Step[]]): void
  /** The reply to `GET /models`. */
  listModels(reply: Step): void
  close(): Promise<void>
}

export async function startScriptedEndpoint(): Promise<ScriptedEndpoint> {
  const requests: SeenRequest[] = []
  let steps: Step[] = [streams(says('Hello'))]
  let models: Step = replies(200, { data: [{ id: 'model-a', max_model_len: 2048 }] })

  const server = createServer((message, response) => {
    void readBody(message).then((body) => {
      const request = { path: message.url ?? '', authorization: message.headers.authorization, body }
      if (request.path.endsWith('/models')) return models(request, response)
      requests.push(request)
      const step = steps.length > 1 ? steps.shift() : steps[0]
      step?.(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    script: (...next) => (steps = [...next]),
    listModels: (reply) => (models = reply),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** One reply in one piece. */
export function replies(status: number, body: unknown, headers: Record<string, string> = {}): Step {
  return (_request, response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    response
      .writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json', ...headers })
      .end(text)
  }
}

/** A whole stream: the chunks as events, then `[DONE]`. */
export function streams(chunks: readonly unknown[]): Step {
  return (request, response) => {
    begin(response, chunks, request)
    response.end('data: [DONE]\n\n')
  }
}

/** A stream whose connection breaks after the chunks. */
export function breaksAfter(chunks: readonly unknown[]): Step {
  return (request, response) => {
    begin(response, chunks, request)
    setTimeout(() => response.destroy(), 20)
  }
}

/** A stream that ends tidily after the chunks, but without an end of the answer. */
export function endsAfter(chunks: readonly unknown[]): Step {
  return (request, response) => {
    begin(response, chunks, request)
    response.end()
  }
}

/** A server that takes the request and never says anything more. */
export function staysSilentAfter(chunks: readonly unknown[]): Step {
  return (request, response) => {
    if (chunks.length > 0) begin(response, chunks, request)
  }
}

/** A stream with something else than JSON in it. */
export const breaksJson: Step = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"choices": [{"delta"\n\n')
}

/** The chunks of an answer as servers stream it: its pieces, the end, the usage. */
export function says(...pieces: readonly string[]): unknown[] {
  return [...pieces.map(piece), ending('stop'), { choices: [], usage: { prompt_tokens: 11, completion_tokens: pieces.length } }]
}

export function piece(content: string): unknown {
  return { choices: [{ index: 0, delta: { content }, finish_reason: null }] }
}

export function ending(reason: string): unknown {
  return { choices: [{ index: 0, delta: {}, finish_reason: reason }] }
}

function begin(response: ServerResponse, chunks: readonly unknown[], request: SeenRequest): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chunks) {
    const named = { id: 'chat-1', object: 'chat.completion.chunk', model: request.body['model'], ...(chunk as object) }
    response.write(`data: ${JSON.stringify(named)}\n\n`)
  }
}

async function readBody(message: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part as Buffer)
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>)
}
