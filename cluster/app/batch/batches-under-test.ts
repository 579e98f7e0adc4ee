import { onTestFinished } from 'vitest'
import { createMemoryBatchRequests } from '../../adapters/memory/batch-requests.ts'
import { createMemoryBlobs } from '../../adapters/memory/blobs.ts'
import { createManualClock, type ManualClock } from '../../adapters/memory/clock.ts'
import { createMemoryEventLog } from '../../adapters/memory/event-log.ts'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { chatReply, createScriptedUpstreams, type UpstreamScript } from '../../adapters/memory/upstreams.ts'
import { batchEvent, batchSubject, type BatchEvent } from '../../messages/batch-events.ts'
import { submitBatch, type FileReport, type SubmitBatch } from '../../messages/batch.ts'
import type { NewRequest } from '../../ports/batch-requests.ts'
import type { ServedModel } from '../../ports/engines.ts'
import type { FileValidation } from '../../ports/file-validation.ts'
import { bytesFrom } from '../texts/stored-bytes.ts'
import type { Batches } from '../../ports/batches.ts'
import { BATCH_BOUNDS, createBatches, type BatchBounds, type BatchPorts } from './create-batches.ts'

/** Batches over memory adapters and a clock that is moved on, with an upstream that answers by script: for specs. */
export interface BatchWorld {
  readonly batches: Batches
  readonly ports: BatchPorts
  readonly upstreams: ReturnType<typeof createScriptedUpstreams>
  readonly clock: ManualClock
  readonly faults: readonly unknown[]
  /** Stores a file of `count` requests, or of the lines given. */
  file(lines: number | readonly unknown[]): Promise<string>
  submit(input: Partial<SubmitBatch> & { readonly lines?: number | readonly unknown[] }): Promise<string>
  events(batchId: string): Promise<readonly BatchEvent[]>
  types(batchId: string): Promise<readonly string[]>
  /** Moves the time on in small steps until `isThere`, at most `ms`. */
  until(isThere: () => Promise<boolean> | boolean, ms?: number, stepMs?: number): Promise<void>
  pass(ms: number, stepMs?: number): Promise<void>
  ended(batchId: string, ms?: number): Promise<Extract<BatchEvent, { type: 'batch.ended' }>['data']>
  output(batchId: string): Promise<readonly Record<string, unknown>[]>
  errors(batchId: string): Promise<readonly Record<string, unknown>[]>
  stop(): Promise<void>
}

export interface WorldOptions {
  readonly stores?: Partial<Pick<BatchPorts, 'log' | 'state' | 'blobs' | 'requests'>>
  readonly bounds?: Partial<BatchBounds>
  readonly parallel?: number
  /** Models beside the first one. */
  readonly others?: readonly ServedModel[]
  readonly clock?: ManualClock
  readonly uptime?: () => number
}

export async function openBatchWorld(script: UpstreamScript, options: WorldOptions = {}): Promise<BatchWorld> {
  const clock = options.clock ?? createManualClock()
  const faults: unknown[] = []
  const upstreams = createScriptedUpstreams(script, undefined, options.parallel, options.others)
  let ids = 0
  const stores = {
    log: createMemoryEventLog(),
    state: createMemorySmallState(),
    blobs: createMemoryBlobs(),
    requests: createMemoryBatchRequests(),
    ...options.stores,
  }
  const ports: BatchPorts = {
    ...stores,
    validation: plainValidation,
    engines: { countTokens: (_model, text) => Promise.resolve(text.length) },
    upstreams,
    clock,
    uptime: options.uptime ?? (() => clock.now()),
    newId: () => `${++ids}-${Math.random().toString(36).slice(2, 8)}`,
    jitter: () => 0.5,
    onFault: (fault) => faults.push(fault),
  }
  const batches = await createBatches(ports, { ...BATCH_BOUNDS, ...options.bounds })
  let commands = 0

  async function events(batchId: string): Promise<readonly BatchEvent[]> {
    const entries = await ports.log.readSubject(batchSubject(batchId))
    return entries.flatMap((entry) => entry.events.map((event) => batchEvent.parse(event)))
  }

  const world: BatchWorld = {
    batches,
    ports,
    upstreams,
    clock,
    faults,
    async file(lines) {
      const all = typeof lines === 'number' ? Array.from({ length: lines }, (_, n) => requestLine(n)) : lines
      const content = new TextEncoder().encode(
        all.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
      )
      const stored = await batches.files.create({ filename: 'input.jsonl', tenant: 'local', content: once(content) })
      if ('kind' in stored) throw new Error(stored.message)
      return stored.id
    },
    async submit({ lines = 3, ...input }) {
      const input_file_id = input.input_file_id ?? (await world.file(lines))
      const parsed = submitBatch.parse({
        endpoint: '/v1/chat/completions',
        ...input,
        settings: { adaptive_concurrency: false, ...input.settings },
        input_file_id,
      })
      const result = await batches.submit(`command-${++commands}-${Math.random()}`, 'spec', 'local', parsed)
      if (result.kind === 'refused') throw new Error(`${result.code}: ${result.message}`)
      return result.batchId
    },
    events,
    types: async (batchId) => (await events(batchId)).map(({ type }) => type),
    async until(isThere, ms = 60_000, stepMs = 50) {
      for (let passed = 0; passed <= ms; passed += stepMs) {
        await quiet()
        if (await isThere()) return
        clock.advance(stepMs)
      }
      throw new Error(`It did not come about in ${ms} ms.`)
    },
    async pass(ms, stepMs = 50) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        await quiet()
        clock.advance(Math.min(stepMs, ms - passed))
      }
      await quiet()
    },
    async ended(batchId, ms) {
      await world.until(async () => (await world.types(batchId)).includes('batch.ended'), ms)
      const end = (await events(batchId)).find((event) => event.type === 'batch.ended')
      if (!end) throw new Error('It has no end.')
      return end.data
    },
    output: async (batchId) => await resultLines(world, batchId, 'output'),
    errors: async (batchId) => await resultLines(world, batchId, 'errors'),
    async stop() {
      const stopping = batches.stop()
      const progress = { isOver: false }
      void stopping.finally(() => (progress.isOver = true))
      while (!progress.isOver) {
        await quiet()
        clock.advance(50)
      }
      await stopping
    },
  }
  return world
}

/** A world that is stopped when the test that opened it has ended. */
export async function startBatchWorld(script: UpstreamScript, options?: WorldOptions): Promise<BatchWorld> {
  const world = await openBatchWorld(script, options)
  onTestFinished(() => world.stop())
  return world
}

export function requestLine(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    custom_id: `row-${n}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'small', messages: [{ role: 'user', content: `Question ${n}` }], max_tokens: 100 },
    ...more,
  }
}

/** Whether a body is that of the `n`th of `requestLine`. */
export function asks(body: string, n: number): boolean {
  return body.includes(`Question ${n}"`)
}

/** An engine that never answers. */
export function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
}

/** An engine that answers after `ms` of the world's time. */
export function slow(world: () => BatchWorld, ms: number): UpstreamScript {
  return async ({ body }, _tries, signal) => {
    await world().clock.sleep(ms, signal)
    signal.throwIfAborted()
    return chatReply(body)
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function resultLines(
  world: BatchWorld,
  batchId: string,
  kind: 'output' | 'errors',
): Promise<readonly Record<string, unknown>[]> {
  const end = (await world.events(batchId)).find((event) => event.type === 'batch.ended')
  const file = end?.data[kind]
  if (!file) return []
  const text = new TextDecoder().decode(await bytesFrom(world.ports.blobs, file.content.sha256))
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Sound files only: lines that are no JSON are its one kind of error. */
const plainValidation: FileValidation = {
  async validate(content, _endpoint, sink) {
    const pieces: Uint8Array[] = []
    for await (const piece of content) pieces.push(piece)
    const bytes = Buffer.concat(pieces)
    const requests: NewRequest[] = []
    const errors: FileReport['errors'] = []
    const encoder = new TextEncoder()
    let [offset, n, model] = [0, 0, null as string | null]
    for (const line of new TextDecoder().decode(bytes).split('\n')) {
      const length = encoder.encode(line).length
      if (line !== '') {
        try {
          const parsed = JSON.parse(line) as { custom_id: string; body: { model: string; max_tokens?: number } }
          const body = JSON.stringify(parsed.body)
          const bodyOffset = offset + encoder.encode(line.slice(0, line.indexOf(body))).length
          model ??= parsed.body.model
          requests.push({
            n,
            customId: parsed.custom_id,
            offset,
            length,
            bodyOffset,
            bodyLength: encoder.encode(body).length,
            tokensIn: 5,
            maxTokens: parsed.body.max_tokens ?? null,
          })
        } catch {
          errors.push({ line: n + 1, column: 1, code: 'invalid_json', param: null, message: 'The line is no JSON.' })
        }
        n += 1
      }
      offset += length + 1
    }
    if (errors.length === 0 && sink) for (let at = 0; at < requests.length; at += 1000) await sink(requests.slice(at, at + 1000))
    const report: FileReport = {
      lines: n,
      requests: requests.length,
      bytes: bytes.length,
      model,
      error_count: errors.length,
      errors,
      tokens_in_estimate: requests.length * 5,
      max_tokens_sum: requests.reduce((sum, { maxTokens }) => sum + (maxTokens ?? 0), 0),
      preview: [],
      fingerprint: 'f'.repeat(64),
    }
    return { report, suspects: () => [] }
  },
  stop: () => Promise.resolve(),
}

// eslint-disable-next-line @typescript-eslint/require-await -- one piece as if it had streamed
async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
