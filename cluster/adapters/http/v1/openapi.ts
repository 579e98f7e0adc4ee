import * as z from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi'
import { batchEstimate, fileReport } from '../../../messages/batch.ts'
import { errorGroup, requestRow } from '../../../messages/batch-views.ts'
import { batchAnalytics, batchList, batchSla, costEstimate, resultList, retryRequests, validateFile } from './batches.ts'
import { fileList } from './files.ts'
import { gpuPools, jobView, slaReport, slaStatus } from './operations.ts'
import { generateBatch, generatedBatch } from './prompts.ts'
import { startedJob, startJob } from './start.ts'
import { batchObject, createBatch, fileObject, listOf, openAiErrorBody, promptBatch, promptBatchReply } from './shapes.ts'

const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } })
const file = z.object({ file_id: z.string() })
const batch = z.object({ batch_id: z.string() })
const key = z.object({ 'Idempotency-Key': z.string().min(8).max(100).optional() })
const anyJson = z.looseObject({ model: z.string() })
const events = z.string().meta({ description: 'Server-sent events, where `stream` is true.' })

interface Operation {
  readonly summary: string
  readonly path?: z.ZodObject
  readonly query?: z.ZodObject
  readonly header?: z.ZodObject
  readonly body?: z.ZodType
  /** The same as multipart/form-data. */
  readonly form?: z.ZodType
  readonly reply?: z.ZodType
  readonly content?: Record<string, { schema: z.ZodType }>
}

const passOn = (what: string): Operation => ({
  summary: `${what}, passed on to the engine that serves the model; the body and the answer are OpenAI's`,
  body: anyJson,
  content: { 'application/json': { schema: z.looseObject({}) }, 'text/event-stream': { schema: events } },
})
const model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  context_tokens: z.int().nullable(),
})
const uploadForm = z.object({
  purpose: z.literal('batch'),
  file: z.string().meta({ format: 'binary', description: 'JSON lines, one request each.' }),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.int().min(3600).max(2_592_000).optional(),
})
const change = (summary: string): Operation => ({ summary, path: batch, header: key, reply: batchObject })

const operations: Readonly<Record<string, Operation>> = {
  'POST /v1/chat/completions': passOn('A chat completion'),
  'POST /v1/completions': passOn('A completion'),
  'POST /v1/embeddings': passOn('Embeddings'),
  'GET /v1/models': { summary: 'Models that can be called now', reply: listOf(model).pick({ object: true, data: true }) },
  'POST /v1/files': {
    summary: 'Upload an input file, as multipart/form-data with `purpose` and `file`',
    form: uploadForm,
    reply: fileObject,
  },
  'GET /v1/files': { summary: 'Files, newest first', query: fileList, reply: listOf(fileObject) },
  'GET /v1/files/{file_id}': { summary: 'One file', path: file, reply: fileObject },
  'DELETE /v1/files/{file_id}': {
    summary: 'Remove a file that no batch under way needs',
    path: file,
    reply: z.object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) }),
  },
  'GET /v1/files/{file_id}/content': {
    summary: 'What a file holds',
    path: file,
    content: { 'application/octet-stream': { schema: z.string() } },
  },
  'POST /v1/files/{file_id}/cost-estimate': {
    summary: 'What the file would take: tokens, cost, time, and whether it fits its window',
    path: file,
    body: costEstimate,
    reply: batchEstimate,
  },
  'POST /v1/batches': {
    summary: 'Create a batch from a file, or from prompts',
    header: key,
    body: z.union([createBatch, promptBatch]),
    reply: z.union([batchObject, promptBatchReply]),
  },
  'GET /v1/batches': { summary: 'Batches, newest first', query: batchList, reply: listOf(batchObject) },
  'GET /v1/batches/{batch_id}': { summary: 'One batch', path: batch, reply: batchObject },
  'POST /v1/batches/{batch_id}/cancel': change('Stop it; what is finished stays'),
  'POST /v1/batches/{batch_id}/pause': change('Send no further requests'),
  'POST /v1/batches/{batch_id}/resume': change('Go on'),
  'POST /v1/batches/{batch_id}/retry': change('A new batch with all failed requests of an ended one'),
  'POST /v1/batches/{batch_id}/retry-requests': { ...change('The same with some of them'), body: retryRequests },
  'POST /v1/batches/validate': { summary: 'Check every line of a file; sends nothing', body: validateFile, reply: fileReport },
  'GET /v1/batches/{batch_id}/sla': {
    summary: 'Whether it will be in time, and why',
    path: batch,
    reply: batchSla,
  },
  'GET /v1/batches/{batch_id}/analytics': { summary: 'Its course', path: batch, reply: batchAnalytics },
  'GET /v1/batches/{batch_id}/results': {
    summary:
      'Requests joined with their answers, while it runs too: whole as lines, or in pages cut to 300 characters a text; merged with its retries where asked',
    path: batch,
    query: resultList,
    content: {
      'application/jsonl': { schema: z.string() },
      'text/csv': { schema: z.string() },
      'application/json': {
        schema: z.object({ data: z.array(requestRow), total: z.int(), from: z.int(), has_more: z.boolean() }),
      },
    },
  },
  'GET /v1/batches/{batch_id}/manifest': {
    summary: 'What was run with what, once it has ended: model, engine, sampling, settings, counts and the SHA-256 of each file',
    path: batch,
    reply: z.looseObject({ batch_id: z.string(), fingerprint: z.string() }),
  },
  'GET /v1/batches/{batch_id}/errors': {
    summary: 'Failed requests by cause',
    path: batch,
    reply: z.object({ data: z.array(errorGroup) }),
  },
  'POST /generate_batch': {
    summary: 'Run prompts as a batch and wait for it',
    header: key,
    body: generateBatch,
    reply: generatedBatch,
  },
  'POST /start': {
    summary: 'Run a file of prompts on this machine; results go to a file there',
    header: key,
    body: startJob,
    reply: startedJob,
  },
  'POST /shutdown-graceful': {
    summary: 'Stop sending, store what is done, and end the process; a batch goes on when it is started again',
    reply: z.looseObject({ status: z.literal('stopping') }),
  },
  'GET /queue/stats': {
    summary: 'How full the queue is',
    reply: z.object({ depth: z.int(), max_depth: z.int(), state: z.enum(['IDLE', 'ACTIVE', 'BACKLOG', 'OVERLOADED']) }),
  },
  'GET /queue': { summary: 'Batches that have not ended', reply: z.object({ jobs: z.array(jobView) }) },
  'GET /jobs/{job_id}': { summary: 'One of them', path: z.object({ job_id: z.string() }), reply: jobView },
  'GET /sla/status': { summary: 'Deadlines of batches that have not ended', reply: slaStatus },
  'GET /sla/report': { summary: 'Promises kept and missed', reply: slaReport },
  'GET /debug/worker': { summary: 'What is sent now', reply: z.looseObject({}) },
  'GET /debug/gpu-pools': { summary: 'Slots that batches run on, who has them and who waits', reply: gpuPools },
  'GET /debug/decisions': { summary: 'The last requests that were passed on', reply: z.looseObject({}) },
}

/** The addresses under which OpenAI's clients and those of other batch servers find what they look for. */
export function openAiPaths(): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  const add = (address: string, operation: ZodOpenApiOperationObject) => {
    const [method = '', path = ''] = address.split(' ')
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: { tags: [path.startsWith('/v1/') ? 'openai' : 'operations'], ...operation },
    }
  }
  for (const [address, operation] of Object.entries(operations)) add(address, operationOf(address, operation))
  return paths
}

function operationOf(
  address: string,
  { summary, path, query, header, body, form, reply, content }: Operation,
): ZodOpenApiOperationObject {
  const done = content ? { content } : json(reply ?? z.looseObject({}))
  return {
    operationId: idOf(address),
    summary,
    requestParams: { ...(path && { path }), ...(query && { query }), ...(header && { header }) },
    ...(body && { requestBody: { required: true, ...json(body) } }),
    ...(form && { requestBody: { required: true, content: { 'multipart/form-data': { schema: form } } } }),
    responses: {
      200: { description: 'Done', ...done },
      400: failure('Something in the request is wrong; `param` names it'),
      401: failure('No key, or none of this gateway'),
      403: failure('The key is not for this'),
      429: failure('Too many requests of this key; Retry-After says when to come again'),
      ...(path && { 404: failure('There is none'), 409: failure('Its state does not allow it') }),
      ...(body && { 503: failure('The queue is full, or nothing can be reached; Retry-After says when to come again') }),
    },
  }
}

function failure(description: string) {
  return { description, ...json(openAiErrorBody) }
}

/** `GET /v1/batches/{batch_id}/sla` → `get_batches_batch_id_sla`. */
function idOf(address: string): string {
  return address
    .toLowerCase()
    .replace(' /v1', '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/_$/, '')
}
