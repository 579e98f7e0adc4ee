import { setTimeout } from 'node:timers/promises'
import type { Batches } from '../../../cluster/ports/batches.ts'
import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import type { BatchDetail, BatchRow } from '../../../cluster/messages/batch-views.ts'
import type { RequestQuery } from '../../../cluster/ports/batch-requests.ts'
import type { BatchListUpdate, BatchUpdate, RequestQueryInput } from '../../../src-preload/contract/batch.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { changes } from '../feeds/changes.ts'
import { merged } from '../feeds/merged.ts'
import type { Uploads } from '../uploads.ts'
import { accept } from './refusals.ts'

const INTERVAL_MS = 250
const ACTOR = 'operator'
const TENANT = 'local'
const DOWNLOAD_CHARACTERS = 128 * 1024
/** More are not looked through on an overview; the list has them all. */
const MOST_MOVING = 100
const AT_RISK = new Set(['at_risk', 'breaching', 'breached'])

type Plane = Pick<EmbeddedPlane, 'batches' | 'batchViews' | 'caughtUp'>

export function batchHandlers(plane: Plane, uploads: Uploads): Handlers<typeof consoleContract>['batch'] {
  const { batches, batchViews } = plane

  function detail(batchId: string): BatchDetail {
    const found = batchViews.queries().detail(batchId)
    if (!found) throw new ConsoleError('not-found', `There is no batch ${batchId}; it may have been removed.`)
    return found
  }

  /** The row once the tables have what the command did. */
  async function settled(batchId: string, result: Awaited<ReturnType<Batches['pause']>>): Promise<{ row: BatchRow }> {
    accept(result)
    await plane.caughtUp()
    return { row: detail(batchId).row }
  }

  /** Stored rows or live pictures that changed. */
  const anyChange = (onChanged: (keys: Iterable<string>) => void) => {
    const ends = [batchViews.onChanged(onChanged), batches.liveChanged(onChanged)]
    return () => ends.forEach((end) => end())
  }

  const retriesOf = (batchId: string) => batchViews.queries().retriesOf(batchId)
  const withRetries = (batchId: string) => batches.withRetries(batchId, retriesOf(batchId))

  const liveOf = (rows: readonly BatchRow[]) => rows.flatMap((row) => batches.live(row.batch_id) ?? [])

  return {
    beginUpload: async ({ filename, bytes }) => ({ upload_id: await uploads.begin(filename, bytes) }),
    appendUpload: async ({ upload_id, offset, base64 }) => ({
      received: await uploads.append(upload_id, offset, Buffer.from(base64, 'base64')),
    }),
    finishUpload: async ({ upload_id }) => {
      const file = await uploads.finish(upload_id, (whole) => batches.files.create({ ...whole, tenant: TENANT, isDraft: true }))
      return { file: accept(file) }
    },
    abandonUpload: async ({ upload_id }) => {
      await uploads.abandon(upload_id)
      return {}
    },
    files: async () => ({ files: [...(await batches.files.list())] }),
    removeFile: async ({ file_id }) => {
      accept(await batches.files.remove(file_id))
      return {}
    },

    validate: async function* ({ file_id, endpoint }, signal) {
      let bytes = 0
      const validating = batches.validate(file_id, endpoint, { onRead: (read) => (bytes = read), signal })
      const until = validating.then(
        () => true,
        () => true,
      )
      while (!(await Promise.race([until, setTimeout(INTERVAL_MS, false)]))) yield { bytes, report: null }
      const report = await validating
      yield { bytes, report: accept(report) }
    },
    estimate: async ({ batch }) => {
      const estimate = await batches.estimate(batch)
      return { estimate: accept(estimate) }
    },
    submit: async ({ command_id, batch }) => {
      const { batchId } = accept(await batches.submit(command_id, ACTOR, TENANT, batch))
      await plane.caughtUp()
      return { batch_id: batchId }
    },
    pause: async ({ batch_id }) => settled(batch_id, await batches.pause(batch_id, ACTOR)),
    resume: async ({ batch_id }) => settled(batch_id, await batches.resume(batch_id, ACTOR)),
    cancel: async ({ batch_id }) => settled(batch_id, await batches.cancel(batch_id, ACTOR)),
    change: async ({ batch_id, change }) => settled(batch_id, await batches.change(batch_id, ACTOR, change)),
    retry: async ({ command_id, batch_id, which }) => {
      const { batchId } = accept(await batches.retry(command_id, batch_id, ACTOR, 'ns' in which ? which : toQuery(which)))
      await plane.caughtUp()
      return { batch_id: batchId }
    },
    remove: async ({ batch_id }) => {
      accept(await batches.expire(batch_id, ACTOR))
      await plane.caughtUp()
      return {}
    },

    pools: () => Promise.resolve(batches.pools()),
    savePools: async ({ pools }) => {
      await batches.setPools(pools)
      return batches.pools()
    },
    acknowledgeShedding: () => {
      batches.acknowledgeShedding()
      return Promise.resolve({})
    },

    watchList: async function* ({ query }, signal): AsyncGenerator<BatchListUpdate> {
      const changed = changes(anyChange, INTERVAL_MS, signal)
      let shown = batchViews.queries().page(query)
      yield { type: 'snapshot', rows: [...shown.rows], live: liveOf(shown.rows), total: shown.total }
      for await (const keys of changed) {
        const now = batchViews.queries().page(query)
        const before = new Set(shown.rows.map((row) => row.batch_id))
        const here = new Set(now.rows.map((row) => row.batch_id))
        const moved = now.rows.filter((row) => keys.has(row.batch_id) || !before.has(row.batch_id))
        const removed = [...before].filter((id) => !here.has(id))
        shown = now
        yield { type: 'changes', upserts: moved, removed, live: liveOf(moved), total: now.total }
      }
    },

    watch: async function* ({ batch_id }, signal): AsyncGenerator<BatchUpdate> {
      const stored = named('stored', changes(batchViews.onChanged, INTERVAL_MS, signal))
      const moving = named(
        'live',
        changes((listener) => batches.liveChanged(listener), INTERVAL_MS, signal),
      )
      yield { detail: detail(batch_id), live: batches.live(batch_id) ?? null }
      for await (const { kind, keys } of merged(stored, moving)) {
        if (!keys.has(batch_id)) continue
        const live = batches.live(batch_id) ?? null
        yield kind === 'stored' ? { detail: detail(batch_id), live } : { live }
      }
    },

    watchMoving: async function* (_, signal) {
      const changed = changes(anyChange, 1000, signal)
      const view = () => {
        const moving = batchViews.queries().moving()
        const pictures = new Map(liveOf(moving).map((one) => [one.batch_id, one]))
        const counts = batchViews.queries().counts()
        const { risky = [], calm = [] } = Object.groupBy(moving, ({ batch_id, sla }) =>
          AT_RISK.has(pictures.get(batch_id)?.sla.state ?? sla) ? 'risky' : 'calm',
        )
        const riskOf = ({ batch_id }: BatchRow) => pictures.get(batch_id)?.risk ?? 1
        const rows = [...risky.toSorted((a, b) => riskOf(b) - riskOf(a)), ...calm].slice(0, MOST_MOVING)
        const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
        return {
          rows,
          live: rows.flatMap(({ batch_id }) => pictures.get(batch_id) ?? []),
          shedding: batches.shedding(),
          counts: {
            all,
            moving: moving.length,
            waiting: [...pictures.values()].filter(({ hold }) => hold !== null).length,
            at_risk: risky.length,
            failed: counts.failed ?? 0,
          },
        }
      }
      yield view()
      for await (const _keys of changed) yield view()
    },

    requests: async ({ batch_id, query, from, limit, merged: isMerged }) => {
      const { total, rows } = isMerged
        ? await withRetries(batch_id).requests(toQuery(query), from, limit)
        : await batches.requests(batch_id, toQuery(query), from, limit)
      return { total, rows: [...rows] }
    },
    merged: async ({ batch_id }) => {
      const { states, answeredBy } = await withRetries(batch_id).counts()
      const retries = retriesOf(batch_id).flatMap((id) => batchViews.queries().row(id) ?? [])
      return {
        states,
        retries: retries.map(({ batch_id: id, name, ended_at }) => ({
          batch_id: id,
          name,
          ended: ended_at !== null,
          answered: answeredBy[id] ?? 0,
        })),
      }
    },
    request: async ({ batch_id, n }) => {
      const found = await batches.request(batch_id, n)
      if (!found) throw new ConsoleError('not-found', `Batch ${batch_id} has no request ${n}.`)
      return found
    },
    errors: async ({ batch_id }) => ({ groups: [...(await batches.errors(batch_id))] }),
    forecasts: async ({ batch_id, remedies }) => {
      const forecasts = await batches.forecasts(batch_id, remedies)
      return { forecasts: [...accept(forecasts)] }
    },
    queueEffect: async ({ batch_id, change }) => {
      const effect = await batches.queueEffect(batch_id, change)
      return { effect: accept(effect) }
    },

    download: async function* ({ batch_id, kind, merged: isMerged }, signal) {
      const lines = isMerged && kind !== 'manifest' ? withRetries(batch_id).lines(kind) : batches.lines(batch_id, kind)
      let offset = 0
      let text = ''
      for await (const line of lines) {
        if (signal.aborted) return
        text += `${line}\n`
        if (text.length < DOWNLOAD_CHARACTERS) continue
        yield { offset, text }
        offset += text.length
        text = ''
      }
      yield { offset, text }
    },
  }
}

async function* named<K extends string>(kind: K, sets: AsyncIterable<ReadonlySet<string>>) {
  for await (const keys of sets) yield { kind, keys }
}

function toQuery({ states, error_codes, text }: RequestQueryInput): RequestQuery {
  return { states, errorCodes: error_codes, text }
}
