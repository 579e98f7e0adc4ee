import { randomUUID } from 'node:crypto'
import { NO_COUNTS } from '../../../domain/batch/state.ts'
import { batchSettings, type StoredFile, type SubmittedBatch } from '../../../messages/batch.ts'
import type { BatchDetail, BatchRow } from '../../../messages/batch-views.ts'
import type { Batches } from '../../../ports/batches.ts'
import type { BatchViews } from '../../../ports/batch-reads.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'

interface Run {
  readonly input: SubmittedBatch
  readonly requests: readonly {
    readonly custom_id: string
    readonly body: unknown
    output: string | null
    error: string | null
  }[]
  row: BatchRow
  output: string | null
  isHeld: boolean
}

export interface BatchesUnderTest {
  readonly batches: Batches
  readonly views: BatchViews
  /** Batches that are submitted from now on wait until it is called again with false. */
  hold(isHeld: boolean): void
}

const refused = (code: 'not-found' | 'conflict', message: string) => ({ kind: 'refused' as const, code, message })

/** Batches in memory, one request after the other: for tests of what is around them. */
export function createBatchesUnderTest(upstreams: Upstreams): BatchesUnderTest {
  const files = new Map<string, { file: StoredFile; bytes: Buffer }>()
  const runs = new Map<string, Run>()
  const byCommand = new Map<string, string>()
  const listeners = new Set<(ids: Iterable<string>) => void>()
  let isHeld = false

  function keep(filename: string, tenant: string, purpose: StoredFile['purpose'], bytes: Buffer): StoredFile {
    const file: StoredFile = {
      id: `file-${randomUUID()}`,
      filename,
      tenant,
      purpose,
      content: { sha256: '0'.repeat(64), size: bytes.length },
      created_at: Date.now(),
      expires_at: null,
    }
    files.set(file.id, { file, bytes })
    return file
  }

  function change(run: Run, row: Partial<BatchRow>): void {
    run.row = { ...run.row, ...row }
    for (const listener of listeners) listener([run.row.batch_id])
  }

  async function work(run: Run): Promise<void> {
    change(run, { status: 'in_progress', started_at: Date.now() })
    for (const request of run.requests) {
      while (run.isHeld) await new Promise((resolve) => setTimeout(resolve, 10))
      if (run.row.status !== 'in_progress') return
      const body = JSON.stringify(request.body)
      const resolved = await upstreams.resolve((request.body as { model: string }).model)
      if (resolved.kind !== 'found') throw new Error('The model is not served.')
      const asked = { model: resolved.served.reference, endpoint: run.input.endpoint, body, timeoutMs: 30_000 }
      const reply = await upstreams.send(asked, new AbortController().signal)
      const isDone = reply.status === 200
      const response = { status_code: reply.status, request_id: 'r', body: JSON.parse(reply.body) as unknown }
      request.output = JSON.stringify({ id: randomUUID(), custom_id: request.custom_id, response, error: null })
      request.error = isDone ? null : `status ${reply.status}`
      const { counts } = run.row
      const done = isDone ? { completed: counts.completed + 1 } : { failed: counts.failed + 1 }
      change(run, { counts: { ...counts, ...done, tokens_out: counts.tokens_out + reply.tokensOut } })
    }
    const lines = run.requests.map(({ output }) => `${output ?? ''}\n`).join('')
    run.output = keep('output.jsonl', run.row.tenant, 'batch_output', Buffer.from(lines)).id
    change(run, { status: 'completed', ended_at: Date.now() })
  }

  function detailOf({ row, input, output }: Run): BatchDetail {
    return {
      row,
      spec: {
        ...input,
        batch_id: row.batch_id,
        name: row.name,
        input: { sha256: '0'.repeat(64), size: 1 },
        window_ms: row.window_ms,
        deadline: row.deadline,
        output_expires_at: null,
        engine_id: null,
        retry_of: row.retry_of,
        tenant: row.tenant,
      },
      settings: batchSettings.parse({}),
      plan: null,
      stages: [{ stage: 'running', state: 'now', started_at: row.started_at, ended_at: row.ended_at, note: '' }],
      line_errors: [],
      line_error_count: 0,
      points: [],
      events: [],
      settlement: null,
      output_file_id: output,
      error_file_id: null,
      retries: [],
    }
  }

  function ending(batchId: string, status: BatchRow['status'], from: readonly BatchRow['status'][]) {
    const run = runs.get(batchId)
    if (!run) return Promise.resolve(refused('not-found', `There is no batch ${batchId}.`))
    if (!from.includes(run.row.status)) return Promise.resolve(refused('conflict', `It is ${run.row.status} already.`))
    change(run, status === 'cancelled' ? { status, ended_at: Date.now() } : { status })
    return Promise.resolve({ kind: 'done' as const })
  }

  const unused = (): never => {
    throw new Error('Not part of this stand-in.')
  }

  const batches: Batches = {
    files: {
      async create({ filename, tenant, content }) {
        const parts: Uint8Array[] = []
        for await (const part of content) parts.push(part)
        return keep(filename, tenant, 'batch', Buffer.concat(parts))
      },
      expireAt(id, at) {
        const known = files.get(id)
        if (known) files.set(id, { ...known, file: { ...known.file, expires_at: at } })
        return Promise.resolve(files.get(id)?.file)
      },
      get: (id) => Promise.resolve(files.get(id)?.file),
      list: () => Promise.resolve([...files.values()].map(({ file }) => file).reverse()),
      remove: (id) => Promise.resolve(files.delete(id) ? { kind: 'removed' } : refused('not-found', `There is no file ${id}.`)),
      content(id) {
        const bytes = files.get(id)?.bytes
        return Promise.resolve(bytes && inOnePiece(bytes))
      },
    },
    submit(commandId, _actor, tenant, input) {
      const earlier = byCommand.get(commandId)
      if (earlier !== undefined) return Promise.resolve({ kind: 'accepted', batchId: earlier })
      const bytes = files.get(input.input_file_id)?.bytes
      if (!bytes) return Promise.resolve(refused('not-found', `There is no file ${input.input_file_id}.`))
      const batchId = `batch_${randomUUID()}`
      byCommand.set(commandId, batchId)
      const lines = bytes.toString().trimEnd().split('\n')
      const requests = lines.map((line) => ({
        ...(JSON.parse(line) as { custom_id: string; body: unknown }),
        output: null,
        error: null,
      }))
      const at = Date.now()
      const row: BatchRow = {
        batch_id: batchId,
        name: 'test',
        model: null,
        engine_id: null,
        endpoint: input.endpoint,
        status: 'queued',
        window_ms: 86_400_000,
        created_at: at,
        started_at: null,
        deadline: at + 86_400_000,
        ended_at: null,
        counts: { ...NO_COUNTS, total: requests.length },
        priority_offset: 0,
        not_before: null,
        eta: null,
        sla: 'estimating',
        tenant,
        retry_of: null,
        message: '',
      }
      const run: Run = { input, requests, row, output: null, isHeld }
      runs.set(batchId, run)
      void work(run)
      return Promise.resolve({ kind: 'accepted', batchId })
    },
    pools: () => ({ pools: [], waiting: [], usual_hour_micro_usd: 2_000_000 }),
    setPools: unused,
    shedding: () => null,
    acknowledgeShedding: unused,
    cancel: (id) => ending(id, 'cancelled', ['queued', 'in_progress', 'paused']),
    pause: (id) => ending(id, 'paused', ['queued', 'in_progress']),
    resume: (id) => ending(id, 'in_progress', ['paused']),
    request(batchId, n) {
      const one = runs.get(batchId)?.requests[n]
      if (!one) return Promise.resolve(undefined)
      const output =
        one.output === null ? null : JSON.stringify((JSON.parse(one.output) as { response: { body: unknown } }).response.body)
      const error = one.error === null ? null : { code: 'failed', message: one.error }
      const row = {
        n,
        custom_id: one.custom_id,
        state: error ? ('failed' as const) : ('completed' as const),
        status_code: 200,
        tokens_in: 1,
        tokens_out: 1,
        latency_ms: 1,
        attempts: 1,
        input: '',
        output,
        error,
      }
      return Promise.resolve({ row, input: JSON.stringify(one.body), output })
    },
    errors: () => Promise.resolve([]),
    live: () => undefined,
    allLive: () => [],
    liveChanged: () => () => undefined,
    queue: () => ({
      depth: [...runs.values()].filter(({ row }) => row.ended_at === null).length,
      maxDepth: 5000,
      state: 'ACTIVE',
    }),
    stop: () => Promise.resolve(),
    validate: unused,
    estimate: unused,
    change: unused,
    retry: unused,
    expire: unused,
    requests: unused,
    lines(batchId, kind) {
      if (kind !== 'manifest') return unused()
      const row = runs.get(batchId)?.row
      return linesFrom(row && row.ended_at !== null ? [JSON.stringify({ batch_id: batchId, counts: row.counts })] : [])
    },
    withRetries: unused,
    forecasts: unused,
    queueEffect: unused,
  }

  return {
    batches,
    views: {
      queries: () => ({
        page({ tenant, after, limit, status, metadata = {} }) {
          const meant = [...runs.values()].filter(({ input }) =>
            Object.entries(metadata).every(([key, value]) => input.metadata[key] === value),
          )
          const all = meant.map(({ row }) => row).reverse()
          const found = all.filter(
            (row) => (tenant === undefined || row.tenant === tenant) && (status.length === 0 || status.includes(row.status)),
          )
          const from = after === undefined ? 0 : found.findIndex(({ batch_id }) => batch_id === after) + 1
          return { rows: found.slice(from, from + limit), total: found.length }
        },
        detail(batchId) {
          const run = runs.get(batchId)
          return run && detailOf(run)
        },
        retriesOf: () => [],
        moving: () => [...runs.values()].map(({ row }) => row).filter(({ ended_at }) => ended_at === null),
      }),
      onChanged(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      caughtUp: () => Promise.resolve(),
    },
    hold(held) {
      isHeld = held
      for (const run of runs.values()) run.isHeld = held
    },
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- one piece as if it had streamed
async function* inOnePiece(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

// eslint-disable-next-line @typescript-eslint/require-await -- as if they were read one by one
async function* linesFrom(lines: readonly string[]): AsyncIterable<string> {
  yield* lines
}
