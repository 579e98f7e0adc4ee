import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import {
  batchEndpoint,
  batchEstimate,
  batchSettings,
  batchStatus,
  completionWindow,
  MOST_REQUESTS,
  slaState,
  type SubmittedBatch,
} from '../../../messages/batch.ts'
import { batchDetail, batchLive, batchRow, errorGroup, type BatchDetail } from '../../../messages/batch-views.ts'
import type { Batches, Done, WhichRequests } from '../../../ports/batches.ts'
import type { BatchViews } from '../../../ports/batch-reads.ts'
import { actorOf, callerOf, maySee } from './admission.ts'
import { checkedBody, checkedQuery, commandIdOf } from './checked.ts'
import { missingAfter, missingFile, sendFailure, sendRefusal } from './openai-reply.ts'
import { storePrompts } from './prompts.ts'
import { createBatch, promptBatch, toBatchObject, toSeconds } from './shapes.ts'

export interface BatchRoutesOptions {
  readonly batches: Batches
  readonly views: BatchViews
}

const many = <T extends z.ZodType>(item: T) => z.union([z.array(item), item.transform((one) => [one])]).default([])

/** OpenAI's `after` and `limit`, and filters. `created_*` in Unix seconds. `risk`: states of the deadline, such as `at_risk`. */
export const batchList = z.strictObject({
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  status: many(batchStatus),
  risk: many(slaState),
  model: z.string().max(300).optional(),
  search: z.string().max(200).optional(),
  /** `metadata[team]=search`: batches that have all of these. */
  metadata: z
    .record(z.string(), z.string())
    .optional()
    .meta({ param: { style: 'deepObject', explode: true } }),
  created_after: z.coerce.number().int().optional(),
  created_before: z.coerce.number().int().optional(),
})
export const validateFile = z.strictObject({ input_file_id: z.string(), endpoint: batchEndpoint.default('/v1/chat/completions') })
export const costEstimate = z.strictObject({
  endpoint: batchEndpoint.default('/v1/chat/completions'),
  completion_window: completionWindow.default('24h'),
  engine_id: z.string().optional(),
  settings: batchSettings.prefault({}),
})
/** Which failed requests to run again: some by their custom_id, those with one cause, or (nothing) all. */
export const retryRequests = z.strictObject({
  custom_ids: z.array(z.string()).min(1).max(MOST_REQUESTS).optional(),
  error_code: z.string().optional(),
})
export const resultList = z.strictObject({
  state: z.enum(['running', 'completed', 'failed', 'partial']).default('partial'),
  format: z.enum(['jsonl', 'csv', 'page']).default('jsonl'),
  /** Of a page. */
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** `true`: each request with its latest outcome, also of batches that ran it again. */
  merged: z.enum(['true', 'false']).default('false'),
})

/** `deadline` in Unix seconds. What is told of a batch only while it runs is null otherwise. */
export const batchSla = z.object({
  batch_id: z.string(),
  state: slaState,
  why: batchLive.shape.sla.shape.why.nullable(),
  deadline: z.int(),
  remaining_hours: z.number().nullable(),
  eta: batchRow.shape.eta,
  rates: batchLive.shape.rates,
  priority: batchLive.shape.priority.nullable(),
  queue: batchLive.shape.queue,
  hold: batchLive.shape.hold,
  calibration: batchLive.shape.calibration.nullable(),
  settlement: batchDetail.shape.settlement,
})

/** Times within it in Unix milliseconds. */
export const batchAnalytics = z.object({
  batch_id: z.string(),
  counts: batchRow.shape.counts,
  rates: batchLive.shape.rates,
  estimate: batchEstimate.nullable(),
  stages: batchDetail.shape.stages,
  points: batchDetail.shape.points,
  events: batchDetail.shape.events,
  errors: z.array(errorGroup),
})

/** As many custom_ids as a file may have, at the length they may have. */
const MANY_IDS_BYTES = 32 * 1024 * 1024

interface BatchRoute {
  readonly Params: { readonly batch_id: string }
}

/** Batches as OpenAI's clients use them, and what Signalbox knows beyond. A key sees the batches of its own tenant. */
export function addBatches(app: FastifyInstance, { batches, views }: BatchRoutesOptions): void {
  const write = { config: { scopes: ['batches'] as const } }
  const read = { config: { scopes: ['batches', 'read'] as const } }

  app.post('/v1/batches', write, async (request, reply) => {
    const body = bodyKeys(request)
    if (body.has('input') && body.has('input_file_id'))
      return sendFailure(reply, {
        status: 400,
        message: 'Send either input or input_file_id.',
        param: 'input',
        code: 'invalid_value',
      })
    if (body.has('input')) return await submitPrompts(request, reply)
    const wanted = checkedBody(createBatch, request, reply)
    if (!wanted) return reply
    if (wanted.settings.priority_offset > 0 && !callerOf(request).isOwner)
      return sendFailure(reply, {
        status: 403,
        message: 'Only the owner may put a batch before those of others: leave priority_offset out, or give 0 to −2.',
        param: 'settings.priority_offset',
        code: 'missing_scope',
      })
    const batchId = await submit(wanted, request, reply)
    return batchId === undefined ? reply : await send(batchId, request, reply)
  })

  app.get('/v1/batches', read, async (request, reply) => {
    const query = checkedQuery(batchList, request, reply)
    if (!query) return reply
    if (query.after !== undefined && !own(query.after, request)) return missingAfter(reply, query.after)
    const { tenant, isOwner } = callerOf(request)
    const found = views.queries().page({
      status: query.status,
      sla: query.risk,
      model: query.model,
      text: query.search,
      tenant: isOwner ? undefined : tenant,
      metadata: query.metadata,
      created_from: query.created_after === undefined ? undefined : query.created_after * 1000,
      created_to: query.created_before === undefined ? undefined : query.created_before * 1000,
      after: query.after,
      limit: query.limit + 1,
    })
    const page = found.rows.slice(0, query.limit)
    const data = page.flatMap(({ batch_id }) => {
      const detail = views.queries().detail(batch_id)
      return detail ? [toBatchObject(detail, batches.live(batch_id))] : []
    })
    return {
      object: 'list',
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: found.rows.length > query.limit,
    }
  })

  app.get<BatchRoute>('/v1/batches/:batch_id', read, (request, reply) => send(request.params.batch_id, request, reply))

  app.post('/v1/batches/validate', write, async (request, reply) => {
    const wanted = checkedBody(validateFile, request, reply)
    if (!wanted) return reply
    if (!(await ownsFile(wanted.input_file_id, request))) return missingFile(reply, wanted.input_file_id, 'input_file_id')
    const report = await batches.validate(wanted.input_file_id, wanted.endpoint)
    return 'kind' in report ? sendRefusal(reply, report) : report
  })

  app.post<{ Params: { file_id: string } }>('/v1/files/:file_id/cost-estimate', read, async (request, reply) => {
    const wanted = checkedBody(costEstimate, request, reply)
    if (!wanted) return reply
    const { file_id: input_file_id } = request.params
    if (!(await ownsFile(input_file_id, request))) return missingFile(reply, input_file_id)
    const estimate = await batches.estimate({ ...wanted, input_file_id, metadata: {} })
    return 'kind' in estimate ? sendRefusal(reply, estimate) : estimate
  })

  const actions = {
    cancel: (id: string, actor: string) => batches.cancel(id, actor),
    pause: (id: string, actor: string) => batches.pause(id, actor),
    resume: (id: string, actor: string) => batches.resume(id, actor),
  } satisfies Record<string, (id: string, actor: string) => Promise<Done>>
  for (const [verb, act] of Object.entries(actions))
    app.post<BatchRoute>(`/v1/batches/:batch_id/${verb}`, write, async (request, reply) => {
      const { batch_id } = request.params
      if (!own(batch_id, request)) return missing(reply, batch_id)
      const done = await act(batch_id, actorOf(request))
      if (done.kind === 'refused') return sendRefusal(reply, done)
      await views.caughtUp()
      return await send(batch_id, request, reply)
    })

  app.post<BatchRoute>('/v1/batches/:batch_id/retry', write, (request, reply) => retry(request, reply, {}))
  app.post<BatchRoute>(
    '/v1/batches/:batch_id/retry-requests',
    { ...write, bodyLimit: MANY_IDS_BYTES },
    async (request, reply) => {
      const which = checkedBody(retryRequests, request, reply)
      return which ? await retry(request, reply, which) : reply
    },
  )

  app.get<BatchRoute>('/v1/batches/:batch_id/sla', read, (request, reply) =>
    withDetail(request, reply, ({ row, settlement }) => {
      const live = batches.live(row.batch_id)
      return {
        batch_id: row.batch_id,
        state: live?.sla.state ?? row.sla,
        why: live?.sla.why ?? null,
        deadline: toSeconds(row.deadline),
        remaining_hours: row.ended_at === null ? (row.deadline - Date.now()) / 3_600_000 : null,
        eta: live?.eta ?? row.eta,
        rates: live?.rates ?? null,
        priority: live?.priority ?? null,
        queue: live?.queue ?? null,
        hold: live?.hold ?? null,
        calibration: live?.calibration ?? null,
        settlement,
      } satisfies z.input<typeof batchSla>
    }),
  )

  app.get<BatchRoute>('/v1/batches/:batch_id/analytics', read, (request, reply) =>
    withDetail(request, reply, async (detail) => {
      const { row, plan, stages, points, events } = detail
      const live = batches.live(row.batch_id)
      const errors = await batches.errors(row.batch_id)
      return {
        batch_id: row.batch_id,
        counts: live?.counts ?? row.counts,
        rates: live?.rates ?? null,
        estimate: plan?.estimate ?? null,
        stages,
        points,
        events,
        errors: [...errors],
      } satisfies z.input<typeof batchAnalytics>
    }),
  )

  app.get<BatchRoute>('/v1/batches/:batch_id/manifest', read, (request, reply) =>
    withDetail(request, reply, async ({ row }) => {
      for await (const manifest of batches.lines(row.batch_id, 'manifest')) return JSON.parse(manifest) as unknown
      const message = 'A batch has its manifest once it has ended; this one has none.'
      return sendFailure(reply, { status: 404, message, param: 'batch_id', code: 'not_found' })
    }),
  )

  app.get<BatchRoute>('/v1/batches/:batch_id/errors', read, (request, reply) =>
    withDetail(request, reply, async ({ row }) => ({ object: 'list', data: await batches.errors(row.batch_id) })),
  )

  app.get<BatchRoute>('/v1/batches/:batch_id/results', read, async (request, reply) => {
    const query = checkedQuery(resultList, request, reply)
    if (!query) return reply
    return await withDetail(request, reply, async ({ row }) => {
      const { batch_id } = row
      const wanted = query.state === 'partial' ? {} : { states: [query.state] }
      const merged = query.merged === 'true' ? batches.withRetries(batch_id, views.queries().retriesOf(batch_id)) : undefined
      if (query.format === 'page') {
        const { from, limit } = query
        const { total, rows } = merged
          ? await merged.requests(wanted, from, limit)
          : await batches.requests(batch_id, wanted, from, limit)
        return { object: 'list', data: rows, total, from: query.from, has_more: query.from + rows.length < total }
      }
      const kind = query.format === 'csv' ? 'csv' : 'joined'
      const lines = merged ? merged.lines(kind, wanted) : batches.lines(batch_id, kind, wanted)
      return reply
        .type(query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8')
        .send(Readable.from(ended(lines), { objectMode: false }))
    })
  })

  async function submit(wanted: SubmittedBatch, request: FastifyRequest, reply: FastifyReply): Promise<string | undefined> {
    const id = commandIdOf(request, reply)
    if (id === undefined) return undefined
    if (!(await ownsFile(wanted.input_file_id, request))) {
      missingFile(reply, wanted.input_file_id, 'input_file_id')
      return undefined
    }
    const answer = await batches.submit(id, actorOf(request), callerOf(request).tenant, wanted)
    if (answer.kind === 'refused') {
      sendRefusal(reply, answer)
      return undefined
    }
    await views.caughtUp()
    return answer.batchId
  }

  async function submitPrompts(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const wanted = checkedBody(promptBatch, request, reply)
    if (!wanted) return reply
    const prompts = wanted.input.map(({ prompt }) => prompt)
    const batch = await storePrompts(batches, callerOf(request).tenant, prompts, wanted)
    if ('kind' in batch) return sendRefusal(reply, batch)
    const { completion_window, metadata } = wanted
    const batchId = await submit({ ...batch, completion_window, metadata }, request, reply)
    if (batchId === undefined) {
      await batches.files.remove(batch.input_file_id)
      return reply
    }
    const row = views.queries().detail(batchId)?.row
    return reply.send({
      id: batchId,
      object: 'batch',
      created_at: toSeconds(row?.created_at ?? Date.now()),
      status: row?.status ?? 'validating',
      total_prompts: wanted.input.length,
      model: wanted.model,
    })
  }

  async function retry(request: FastifyRequest<BatchRoute>, reply: FastifyReply, which: z.output<typeof retryRequests>) {
    const { batch_id } = request.params
    if (!own(batch_id, request)) return missing(reply, batch_id)
    const id = commandIdOf(request, reply)
    if (id === undefined) return reply
    const wanted: WhichRequests = which.custom_ids
      ? { customIds: which.custom_ids }
      : { errorCodes: which.error_code === undefined ? undefined : [which.error_code] }
    const answer = await batches.retry(id, batch_id, actorOf(request), wanted)
    if (answer.kind === 'refused') return sendRefusal(reply, answer)
    await views.caughtUp()
    return await send(answer.batchId, request, reply)
  }

  function own(batchId: string, request: FastifyRequest): BatchDetail | undefined {
    const detail = views.queries().detail(batchId)
    return detail && maySee(request, detail.row.tenant) ? detail : undefined
  }

  async function ownsFile(fileId: string, request: FastifyRequest): Promise<boolean> {
    const file = await batches.files.get(fileId)
    return file !== undefined && maySee(request, file.tenant)
  }

  async function send(batchId: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const detail = own(batchId, request)
    return detail ? await reply.send(toBatchObject(detail, batches.live(batchId))) : missing(reply, batchId)
  }

  async function withDetail(
    request: FastifyRequest<BatchRoute>,
    reply: FastifyReply,
    answer: (detail: BatchDetail) => unknown,
  ): Promise<unknown> {
    const detail = own(request.params.batch_id, request)
    return detail ? await answer(detail) : missing(reply, request.params.batch_id)
  }
}

function missing(reply: FastifyReply, id: string): FastifyReply {
  return sendFailure(reply, {
    status: 404,
    message: `There is no batch ${id}; it may have been removed.`,
    param: 'batch_id',
    code: 'not_found',
  })
}

function bodyKeys(request: FastifyRequest): ReadonlySet<string> {
  try {
    const body: unknown = JSON.parse(String(request.body))
    return new Set(typeof body === 'object' && body !== null ? Object.keys(body) : [])
  } catch {
    return new Set()
  }
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
