import type { RequestState } from '../../../messages/batch-views.ts'
import type { RequestOutcome, StoredRequest } from '../../../ports/batch-requests.ts'

/** States of requests without an answer. */
export const UNANSWERED: readonly RequestState[] = ['failed', 'cancelled', 'expired']

/** The id that a request has in result files. */
function requestId(batchId: string, n: number): string {
  return `batch_req_${batchId.replace(/^batch_/, '')}_${n}`
}

/** A request with an answer as a line of OpenAI's output file, without its line break. */
export function outputLine(batchId: string, request: StoredRequest & { readonly outcome: RequestOutcome }): string {
  return `{${head(batchId, request)},"response":${response(request.outcome)},"error":null${servedBy(request.outcome)}}`
}

/** A request without one as a line of the error file; what the upstream said, if anything, stands as its response. */
export function errorLine(batchId: string, request: StoredRequest & { readonly outcome: RequestOutcome }): string {
  const { outcome } = request
  const error = {
    code: outcome.error?.code ?? outcome.state,
    message: outcome.error?.message ?? '',
    attempts: outcome.attempts,
    cause: outcome.error?.cause ?? null,
  }
  return `{${head(batchId, request)},"response":${response(outcome)},"error":${JSON.stringify(error)}}`
}

/** Input and what became of it. `input` is the line of the file; `from`: the batch that it comes from, where it may be another. */
export function joinedLine(batchId: string, request: StoredRequest, input: string, from?: string): string {
  const { n, customId, outcome } = request
  const rest = {
    status: outcome?.state ?? 'pending',
    tokens: outcome && { prompt: outcome.tokensIn, completion: outcome.tokensOut },
    processing_time: outcome && (outcome.endedAt - outcome.startedAt) / 1000,
    attempts: outcome?.attempts ?? 0,
    cost_micro_usd: outcome?.costMicroUsd ?? 0,
    ...(outcome?.servedModel !== undefined && { served_model: outcome.servedModel }),
    ...(from !== undefined && { batch_id: from }),
  }
  const error = outcome?.error ? JSON.stringify({ code: outcome.error.code, message: outcome.error.message }) : 'null'
  return `{"id":${JSON.stringify(requestId(batchId, n))},"custom_id":${JSON.stringify(customId)},"request":${oneLine(input)},"response":${outcome ? response(outcome) : 'null'},"error":${error},${JSON.stringify(rest).slice(1)}`
}

export const CSV_HEAD =
  'custom_id,status,status_code,tokens_in,tokens_out,seconds,attempts,cost_micro_usd,answer,error_code,error_message,served_model'

/** What became of a request as a row of a table; formulas are kept from being run by a spreadsheet. */
export function csvRow({ customId, outcome }: StoredRequest): string {
  const cells = [
    customId,
    outcome?.state ?? 'pending',
    outcome?.statusCode,
    outcome?.tokensIn,
    outcome?.tokensOut,
    outcome && (outcome.endedAt - outcome.startedAt) / 1000,
    outcome?.attempts ?? 0,
    outcome?.costMicroUsd ?? 0,
    outcome?.state === 'completed' ? answerText(outcome.body) : '',
    outcome?.error?.code,
    outcome?.error?.message,
    outcome?.servedModel,
  ]
  return cells.map((cell) => csvCell(cell ?? '')).join(',')
}

/** Each request with an outcome as a line. */
export async function* linesOf(
  batchId: string,
  requests: AsyncIterable<StoredRequest>,
  line: (batchId: string, request: StoredRequest & { readonly outcome: RequestOutcome }) => string,
): AsyncIterable<string> {
  for await (const request of requests) if (request.outcome) yield line(batchId, { ...request, outcome: request.outcome })
}

/** The text of an answer in OpenAI's shape; the JSON itself where there is no text in it. */
export function answerText(body: string | null): string {
  if (body === null) return ''
  const choice = field(field(field(parsed(body), 'choices'), 0), undefined)
  const text = field(field(choice, 'message'), 'content') ?? field(choice, 'text')
  return typeof text === 'string' ? text : body
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function field(value: unknown, key: string | number | undefined): unknown {
  if (key === undefined) return value
  if (typeof value !== 'object' || value === null || !(key in value)) return undefined
  return (value as Record<string | number, unknown>)[key]
}

function head(batchId: string, { n, customId }: StoredRequest): string {
  return `"id":${JSON.stringify(requestId(batchId, n))},"custom_id":${JSON.stringify(customId)}`
}

function servedBy({ servedModel }: RequestOutcome): string {
  return servedModel === undefined ? '' : `,"served_model":${JSON.stringify(servedModel)}`
}

function response({ statusCode, requestId, body }: RequestOutcome): string {
  if (statusCode === null || body === null) return 'null'
  return `{"status_code":${statusCode},"request_id":${JSON.stringify(requestId ?? '')},"body":${jsonOf(body)}}`
}

/** A body as it came where it is JSON, on one line; else as a JSON string. */
function jsonOf(body: string): string {
  const value = parsed(body)
  if (value === undefined) return JSON.stringify(body)
  return /[\n\r]/.test(body) ? JSON.stringify(value) : body
}

function oneLine(json: string): string {
  return parsed(json) === undefined ? 'null' : json.trim()
}

function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
