import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openDirectoryBlobs } from '../../cluster/adapters/directory/blobs.ts'
import { openSqliteBatchRequests } from '../../cluster/adapters/sqlite/batch-requests.ts'
import { openSqliteContext } from '../../cluster/adapters/sqlite/context.ts'
import { systemClock } from '../../cluster/adapters/system/clock.ts'
import { createUpstreams } from '../../cluster/adapters/upstreams/upstreams.ts'
import { createFileValidation } from '../../cluster/adapters/validation/validation.ts'
import { openBatchWorld, requestLine, type BatchWorld } from '../../cluster/app/batch/batches-under-test.ts'
import { BATCH_BOUNDS, createBatches } from '../../cluster/app/batch/create-batches.ts'
import { bytesFrom } from '../../cluster/app/texts/stored-bytes.ts'
import { chatReply, refusalReply } from '../../cluster/adapters/memory/upstreams.ts'
import { runPlane, startStandIn, type PlaneEnd } from '../../cluster/bench/batch-plane.ts'
import { batchEvent, batchSubject, type BatchEvent } from '../../cluster/messages/batch-events.ts'
import { submitBatch, type BatchSettings } from '../../cluster/messages/batch.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-batch-fault-'))
  undo.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

type Behaviour = (response: ServerResponse, body: string, calls: number) => void

const answer: Behaviour = (response) => {
  const body = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 3 },
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** A server whose behaviour can be changed, and which can be taken away and put back at its address. */
async function startServer(first: Behaviour) {
  let [behaviour, calls, port] = [first, 0, 0]
  const open = async () => {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => behaviour(response, body, ++calls))
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
    return server
  }
  let server = await open()
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  undo.push(close)
  return {
    url: `http://127.0.0.1:${port}/v1`,
    calls: () => calls,
    behave: (next: Behaviour) => void (behaviour = next),
    down: close,
    up: async () => void (server = await open()),
  }
}

/** Batches over durable stores and real connections to one server, and to another one that serves another model. */
async function openPlane(url: string, requestTimeoutMs = 20_000, spareUrl = url) {
  const folder = await newFolder()
  const faults: unknown[] = []
  const onFault = (fault: unknown) => void faults.push(fault)
  const writerModule = new URL('../../cluster/adapters/sqlite/writer-thread.ts', import.meta.url)
  const store = await openSqliteContext({ file: join(folder, 'local.db'), writerModule })
  const requests = await openSqliteBatchRequests({ file: join(folder, 'batches.db'), writerModule, onFault })
  const blobs = await openDirectoryBlobs(join(folder, 'batch-blobs'))
  const validation = createFileValidation(new URL('../../cluster/adapters/validation/thread-main.ts', import.meta.url))
  const reference = { engine_id: 'lab', model: 'small' }
  const served = { reference, label: 'small', contextTokens: null, starter: false, parallel: 8, tokensPerSecond: null }
  const spare = { ...served, reference: { engine_id: 'spare', model: 'large' }, label: 'large' }
  const settings = { id: 'lab', name: 'Lab', base_url: url, models: null, parallel: 8, allow_substitution: false }
  const upstreams = createUpstreams({
    engines: {
      complete: () => Promise.reject(new Error('not here')),
      embed: () => Promise.reject(new Error('not here')),
      embedders: () => Promise.resolve([]),
      served: () => Promise.resolve([served, spare]),
      countTokens: () => Promise.resolve(0),
      watch: () => () => undefined,
    },
    endpoints: {
      connection: (id) => {
        const of = id === 'spare' ? { ...settings, id, name: 'Spare', base_url: spareUrl } : settings
        return Promise.resolve({ settings: of, key: undefined, revision: 1 })
      },
      watch: () => () => undefined,
    },
    clock: systemClock,
    idleTimeoutMs: 10_000,
    onFault,
  })
  const batches = await createBatches(
    {
      ...store,
      blobs,
      requests: requests.requests,
      validation,
      engines: { countTokens: () => Promise.resolve(0) },
      upstreams,
      clock: systemClock,
      uptime: () => performance.now(),
      newId: randomUUID,
      jitter: () => 0.2,
      onFault,
    },
    { ...BATCH_BOUNDS, requestTimeoutMs },
  )
  undo.push(async () => {
    await batches.stop()
    await upstreams.stop()
    await validation.stop()
    await requests.close()
    await store.close()
  })

  async function submit(count: number, more: Partial<BatchSettings> = {}): Promise<string> {
    const text = Array.from({ length: count }, (_, n) => `${JSON.stringify(requestLine(n))}\n`).join('')
    const file = await batches.files.create({ filename: 'input.jsonl', tenant: 'local', content: once(text) })
    if ('kind' in file) throw new Error(file.message)
    const input = { input_file_id: file.id, endpoint: '/v1/chat/completions', settings: { adaptive_concurrency: false, ...more } }
    const result = await batches.submit(randomUUID(), 'spec', 'local', submitBatch.parse(input))
    if (result.kind === 'refused') throw new Error(result.message)
    return result.batchId
  }
  async function ended(batchId: string) {
    let end: Extract<BatchEvent, { type: 'batch.ended' }> | undefined
    const look = async (): Promise<boolean> => {
      const entries = await store.log.readSubject(batchSubject(batchId))
      const events = entries.flatMap((entry) => entry.events.map((event) => batchEvent.parse(event)))
      end = events.find((event) => event.type === 'batch.ended')
      return end !== undefined
    }
    await expect.poll(look, { timeout: 120_000, interval: 100 }).toBe(true)
    return end?.data ?? expect.unreachable('it has ended')
  }
  async function lines(batchId: string, kind: 'output' | 'errors'): Promise<readonly Record<string, unknown>[]> {
    const file = (await ended(batchId))[kind]
    if (!file) return []
    const text = new TextDecoder().decode(await bytesFrom(blobs, file.content.sha256))
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  return { batches, submit, ended, lines, faults: faults as readonly unknown[] }
}

// eslint-disable-next-line @typescript-eslint/require-await -- one piece as if it had streamed
async function* once(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text)
}

const refusal = (status: number, retryAfter?: string): Behaviour => {
  return (response) => {
    const headers = { 'content-type': 'application/json', ...(retryAfter !== undefined && { 'retry-after': retryAfter }) }
    response.writeHead(status, headers).end(JSON.stringify({ error: { message: `scripted ${status}`, type: 'error' } }))
  }
}

describe('an upstream', () => {
  it('that goes away for a while costs no request: the batch says why, waits, and goes on', async () => {
    const server = await startServer((response, body, calls) => {
      if (calls === 100) void server.down()
      else setTimeout(() => answer(response, body, calls), 5)
    })
    const plane = await openPlane(server.url)
    const batchId = await plane.submit(300, { max_retries: 0 })
    await expect
      .poll(() => plane.batches.live(batchId)?.hold?.code, { timeout: 30_000, interval: 50 })
      .toMatch(/engine_down|circuit_open/)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(plane.batches.live(batchId)?.counts.failed).toBe(0)
    server.behave(answer)
    await server.up()
    expect((await plane.ended(batchId)).counts).toMatchObject({ total: 300, completed: 300, failed: 0 })
    expect(new Set((await plane.lines(batchId, 'output')).map((line) => line['custom_id'])).size).toBe(300)
  })

  it('that goes away near the deadline has its rows answered by the fallback, as the model that it serves', async () => {
    const models = new Set<unknown>()
    const [own, spare] = await Promise.all([
      startServer((response, body, calls) => {
        if (calls === 100) void own.down()
        else setTimeout(() => answer(response, body, calls), 5)
      }),
      startServer((response, body, calls) => {
        models.add((JSON.parse(body) as { model: unknown }).model)
        answer(response, body, calls)
      }),
    ])
    const plane = await openPlane(own.url, 20_000, spare.url)
    const fallbacks = [{ engine_id: 'spare', model: 'large', escalation_only: true }]
    const batchId = await plane.submit(300, { max_retries: 0, fallbacks })
    await expect
      .poll(() => plane.batches.live(batchId)?.hold?.code, { timeout: 30_000, interval: 50 })
      .toMatch(/engine_down|circuit_open/)
    expect(spare.calls()).toBe(0)
    await plane.batches.change(batchId, 'spec', { deadline: Date.now() + 10 * 60_000 })
    const end = await plane.ended(batchId)
    expect(end.counts).toMatchObject({ total: 300, completed: 300, failed: 0 })
    const output = await plane.lines(batchId, 'output')
    expect(new Set(output.map((line) => line['custom_id'])).size).toBe(300)
    const { 'lab/small': ownRows = 0, 'spare/large': spareRows = 0 } = end.served_by ?? {}
    expect(ownRows).toBeGreaterThan(80)
    expect([ownRows + spareRows, spareRows, [...models]]).toEqual([300, spare.calls(), ['large']])
  })

  it('that refuses everyone for a while (429 with Retry-After) is waited out', async () => {
    const until = Date.now() + 4000
    const server = await startServer((...request) => (Date.now() < until ? refusal(429, '1') : answer)(...request))
    const plane = await openPlane(server.url)
    const batchId = await plane.submit(50, { max_retries: 1 })
    expect((await plane.ended(batchId)).counts).toMatchObject({ completed: 50, failed: 0 })
    expect(server.calls()).toBeLessThan(150)
  })

  it('that sends its answer a byte at a time, and never the last one, is given up in time', async () => {
    const server = await startServer((response, body, calls) => {
      if (!body.includes('Question 2"')) return answer(response, body, calls)
      response.writeHead(200, { 'content-type': 'application/json' })
      const timer = setInterval(() => response.write(' '), 50)
      response.on('close', () => clearInterval(timer))
    })
    const plane = await openPlane(server.url, 400)
    const batchId = await plane.submit(5, { max_retries: 1 })
    expect((await plane.ended(batchId)).counts).toMatchObject({ completed: 4, failed: 1, retries: 1 })
    expect(await plane.lines(batchId, 'errors')).toMatchObject([
      { custom_id: 'row-2', response: null, error: { code: 'request_timeout', attempts: 2 } },
    ])
  })

  const faults: [string, Behaviour, string][] = [
    ['HTML for an answer', (response) => void response.writeHead(200).end('<html>busy</html>'), 'invalid_answer'],
    ['half an answer', (response) => void response.writeHead(200).end('{"choices": [{"index"'), 'invalid_answer'],
    ['a refusal (400)', refusal(400), 'invalid_request'],
    ['a cut connection', (response) => void response.destroy(), 'connection'],
    ['a failure (500)', refusal(500), 'server_error'],
  ]
  it.each(faults)('that has %s for one request gives it an error row, and the others go on', async (_name, fault, code) => {
    const server = await startServer((response, body, calls) =>
      // So that there is always something else that the server answers.
      body.includes('Question 3"') ? fault(response, body, calls) : void setTimeout(() => answer(response, body, calls), 150),
    )
    const plane = await openPlane(server.url)
    const batchId = await plane.submit(150, { max_retries: 1 })
    expect((await plane.ended(batchId)).counts).toMatchObject({ total: 150, completed: 149, failed: 1 })
    expect(await plane.lines(batchId, 'errors')).toMatchObject([{ custom_id: 'row-3', error: { code } }])
    expect(plane.faults).toEqual([])
  })
})

describe('a process that is killed', () => {
  it.each([0.1, 0.5, 0.9])(
    'at %d of a batch goes on after a restart: each custom_id once, calls ≤ N + what was on its way',
    async (share) => {
      const [count, concurrency] = [2000, 32]
      const server = await startStandIn(20)
      undo.push(() => server.stop())
      const folder = await newFolder()
      let reach = (): void => undefined
      const reached = new Promise<void>((resolve) => (reach = resolve))
      const first = runPlane(folder, server.url, count, concurrency, 'fixed', ({ completed }) => {
        if (completed >= share * count) reach()
      })
      await Promise.race([reached, first.ended])
      await first.kill()
      const end: PlaneEnd | undefined = await runPlane(folder, server.url, count, concurrency, 'fixed').ended
      expect(end?.data.counts).toMatchObject({ total: count, completed: count, failed: 0 })
      const blobs = await openDirectoryBlobs(join(folder, 'batch-blobs'))
      const text = new TextDecoder().decode(await bytesFrom(blobs, end?.data.output?.content.sha256 ?? ''))
      const ids = text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
      expect([ids.length, new Set(ids).size]).toEqual([count, count])
      // Sent and not answered, or answered and not stored.
      expect(await server.calls()).toBeLessThanOrEqual(count + 4 * concurrency)
    },
  )
})

describe('50,000 requests of which 30 % fail for good', () => {
  it('end as completed with 35,000 answers and 15,000 error rows, each once', async () => {
    const world: BatchWorld = await openBatchWorld(
      ({ body }) => (Number(/Question (\d+)"/.exec(body)?.[1]) % 10 < 3 ? refusalReply(400, 'never') : chatReply('yes')),
      { parallel: 256 },
    )
    undo.push(() => world.stop())
    const batchId = await world.submit({ lines: 50_000 })
    const end = await world.ended(batchId, 600_000)
    expect(end).toMatchObject({ status: 'completed', counts: { total: 50_000, completed: 35_000, failed: 15_000, retries: 0 } })
    expect(world.upstreams.calls()).toBe(50_000)
    const ids = [...(await world.output(batchId)), ...(await world.errors(batchId))].map((line) => line['custom_id'])
    expect(new Set(ids).size).toBe(50_000)
    expect(await world.batches.errors(batchId)).toMatchObject([{ code: 'invalid_request', count: 15_000 }])
  })
})
