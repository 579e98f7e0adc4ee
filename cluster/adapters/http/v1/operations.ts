import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { batchPools, type BatchRow } from '../../../messages/batch-views.ts'
import type { DecisionLog } from '../../../ports/decision-log.ts'
import type { Batches } from '../../../ports/batches.ts'
import type { BatchViews } from '../../../ports/batch-reads.ts'
import { callerOf, maySee } from './admission.ts'
import { sendFailure } from './openai-reply.ts'

export interface OperationsOptions {
  readonly batches: Batches
  readonly views: BatchViews
  readonly decisions: DecisionLog
  /** Ends the process; absent where it is not the gateway's to end. */
  readonly shutDown: (() => void) | undefined
}

const HOUR_MS = 3_600_000
const RECENT_DECISIONS = 100

/** What /queue and /jobs show of a batch. Times in Unix milliseconds. */
export const jobView = z.object({
  job_id: z.string(),
  name: z.string(),
  model: z.string().nullable(),
  status: z.string(),
  progress_pct: z.number(),
  completed: z.int(),
  failed: z.int(),
  total: z.int(),
  priority: z.int().nullable(),
  position: z.int().nullable(),
  hold: z.string().nullable(),
  created_at: z.int(),
  deadline: z.int(),
})

/** `used`: slots that are taken; `batches` and `waiting`: those that whoever asks may see. */
export const gpuPools = z.object({
  pools: z.array(batchPools.shape.pools.element.extend({ used: z.int().nonnegative() })),
  waiting: batchPools.shape.waiting,
  message: z.string().nullable(),
})

export const slaStatus = z.object({
  jobs: z.array(
    z.object({
      job_id: z.string(),
      progress_pct: z.number(),
      eta_hours: z.number().nullable(),
      sla_remaining_hours: z.number(),
      status: z.string(),
    }),
  ),
})

/** `running`: batches that have not ended, by the state of their deadline. */
export const slaReport = z.object({
  met: z.int(),
  missed: z.int(),
  met_ratio: z.number().nullable(),
  running: z.record(z.string(), z.int()),
})

/** Addresses that other batch servers have, answered from the same truth. */
export function addOperations(app: FastifyInstance, { batches, views, decisions, shutDown }: OperationsOptions): void {
  const read = { config: { scopes: ['batches', 'read'] as const } }

  app.get('/queue/stats', read, () => {
    const { depth, maxDepth, state } = batches.queue()
    return { depth, max_depth: maxDepth, state }
  })

  app.get('/queue', read, (request) => ({ jobs: moving(request).map(jobOf) }))

  app.get<{ Params: { job_id: string } }>('/jobs/:job_id', read, (request, reply) => {
    const row = views.queries().detail(request.params.job_id)?.row
    return row && maySee(request, row.tenant) ? jobOf(row) : missing(reply, request.params.job_id)
  })

  app.get('/sla/status', read, (request) => ({
    jobs: moving(request).map((row) => {
      const live = batches.live(row.batch_id)
      const eta = live?.eta ?? row.eta
      return {
        job_id: row.batch_id,
        progress_pct: progressOf(row),
        eta_hours: eta?.source === 'measured' ? eta.p50_ms / HOUR_MS : null,
        sla_remaining_hours: (row.deadline - Date.now()) / HOUR_MS,
        status: live?.sla.state ?? row.sla,
      }
    }),
  }))

  app.get('/sla/report', read, (request) => {
    const { isOwner, tenant } = callerOf(request)
    const total = (sla: 'met' | 'missed') =>
      views.queries().page({ status: [], sla: [sla], tenant: isOwner ? undefined : tenant, limit: 1 }).total
    const [met, missed] = [total('met'), total('missed')]
    const states = moving(request).map((row) => batches.live(row.batch_id)?.sla.state ?? row.sla)
    const running = Object.fromEntries([...Map.groupBy(states, (state) => state)].map(([state, all]) => [state, all.length]))
    return { met, missed, met_ratio: met + missed === 0 ? null : met / (met + missed), running } satisfies z.infer<
      typeof slaReport
    >
  })

  app.get('/debug/worker', read, (request) => ({
    batches: moving(request)
      .flatMap((row) => batches.live(row.batch_id) ?? [])
      .map(({ batch_id, running, concurrency, hold, rates }) => ({ batch_id, running, concurrency, hold, rates })),
  }))
  app.get('/debug/gpu-pools', read, (request) => {
    const seen = new Set(moving(request).map(({ batch_id }) => batch_id))
    const { pools, waiting } = batches.pools()
    return {
      pools: pools.map((pool) => ({
        ...pool,
        used: pool.batches.length,
        batches: pool.batches.filter((batchId) => seen.has(batchId)),
      })),
      waiting: waiting.filter((batchId) => seen.has(batchId)),
      message: pools.length === 0 ? 'The operator has set no pools: no batch needs a slot.' : null,
    }
  })
  app.get('/debug/decisions', { config: { scopes: ['read'] as const } }, (request) => {
    const { id, isOwner } = callerOf(request)
    return { decisions: decisions.recent(RECENT_DECISIONS).filter(({ caller }) => isOwner || caller === id) }
  })

  app.post('/shutdown-graceful', { config: { scopes: [] } }, async (request, reply) => {
    if (!callerOf(request).isOwner)
      return sendFailure(reply, { status: 403, message: 'Only the owner may stop the plane.', code: 'missing_scope' })
    if (!shutDown)
      return sendFailure(reply, {
        status: 409,
        message: 'This gateway lives in a console window, which only its operator closes.',
        code: 'not_available',
      })
    const going = batches.allLive().map(({ batch_id, running }) => ({ batch_id, running }))
    reply.raw.once('finish', shutDown)
    return await reply.code(202).send({ status: 'stopping', batches: going })
  })

  function moving(request: FastifyRequest): readonly BatchRow[] {
    return views
      .queries()
      .moving()
      .filter((row) => maySee(request, row.tenant))
  }

  function progressOf(row: BatchRow): number {
    const { total, completed, failed, cancelled, expired } = batches.live(row.batch_id)?.counts ?? row.counts
    return total === 0 ? 0 : (100 * (completed + failed + cancelled + expired)) / total
  }

  function jobOf(row: BatchRow): z.infer<typeof jobView> {
    const live = batches.live(row.batch_id)
    const { completed, failed, total } = live?.counts ?? row.counts
    return {
      job_id: row.batch_id,
      name: row.name,
      model: row.model,
      status: row.status,
      progress_pct: progressOf(row),
      completed,
      failed,
      total,
      priority: live?.priority ?? null,
      position: live?.queue?.position ?? null,
      hold: live?.hold?.message ?? null,
      created_at: row.created_at,
      deadline: row.deadline,
    }
  }
}

function missing(reply: FastifyReply, id: string): FastifyReply {
  return sendFailure(reply, { status: 404, message: `There is no job ${id}.`, code: 'not_found' })
}
