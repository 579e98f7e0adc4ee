import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import * as z from 'zod'
import { connectTo } from '../servers/client.ts'
import { startHost, type RunningHost } from '../servers/host.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const MODEL = 'scripted-7b'
const REQUESTS = 600
const PARALLEL = 8
const fileObject = z.object({ id: z.string() })
const batchObject = z.object({
  id: z.string(),
  status: z.string(),
  output_file_id: z.string().nullish(),
  request_counts: z.object({ total: z.number(), completed: z.number(), failed: z.number() }),
})

/** A server that answers each chat after 25 ms and counts them. */
async function startServer() {
  let calls = 0
  const json = { 'content-type': 'application/json' }
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/models'))
      return void response.writeHead(200, json).end(JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model' }] }))
    request.resume()
    request.on('end', () => {
      calls += 1
      const choices = [{ index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' }]
      const body = JSON.stringify({ choices, usage: { prompt_tokens: 4, completion_tokens: 2 } })
      setTimeout(() => response.writeHead(200, json).end(body), 25)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, calls: () => calls }
}

/** A host with its gateway, as an OpenAI client sees it. */
async function open(dataDir: string) {
  const running: RunningHost = await startHost(dataDir, {}, ['--gateway-port', '0'])
  undo.push(() => running.kill())
  const { url = '', token = '' } = running.gateway ?? {}
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${token}` }
    return await fetch(new URL(path, url), { ...init, headers })
  }
  return { running, ask, batch: async (id: string) => batchObject.parse(await (await ask(`/v1/batches/${id}`)).json()) }
}

it('a host that is killed at half of a batch goes on with it: each custom_id once, calls ≤ N + what was on its way', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-batch-host-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  const server = await startServer()
  const first = await open(dataDir)
  const console = await connectTo(first.running)
  await console.host.model.saveEndpoint({ name: 'Scripted', base_url: server.url, parallel: PARALLEL })
  console.close()

  const lines = Array.from({ length: REQUESTS }, (_, n) => {
    const body = { model: MODEL, messages: [{ role: 'user', content: `Question ${n}` }] }
    return `${JSON.stringify({ custom_id: `row-${n}`, method: 'POST', url: '/v1/chat/completions', body })}\n`
  })
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob(lines), 'input.jsonl')
  const file = fileObject.parse(await (await first.ask('/v1/files', { method: 'POST', body: form })).json())
  const created = await first.ask('/v1/batches', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }),
  })
  const { id } = batchObject.parse(await created.json())
  await expect.poll(server.calls, { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(REQUESTS / 2)
  await first.running.kill()

  const second = await open(dataDir)
  await expect.poll(async () => (await second.batch(id)).status, { timeout: 120_000, interval: 100 }).toBe('completed')
  const batch = await second.batch(id)
  expect(batch.request_counts).toEqual({ total: REQUESTS, completed: REQUESTS, failed: 0 })
  const output = await (await second.ask(`/v1/files/${batch.output_file_id ?? ''}/content`)).text()
  const ids = output
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
  expect([ids.length, new Set(ids).size]).toEqual([REQUESTS, REQUESTS])
  // Sent and not answered, or answered and not stored.
  expect(server.calls()).toBeLessThanOrEqual(REQUESTS + Math.max(64, 4 * PARALLEL))

  const results = async (query: string) => await (await second.ask(`/v1/batches/${id}/results?${query}`)).text()
  expect((await results('state=completed')).trimEnd().split('\n')).toHaveLength(REQUESTS)
  expect(await results('state=failed&format=jsonl')).toBe('')
  expect((await results('state=completed&format=csv')).trimEnd().split(/\r?\n/)).toHaveLength(REQUESTS + 1)
  const page = JSON.parse(await results('format=page&limit=10')) as { data: unknown[]; total: number }
  expect([page.data.length, page.total]).toEqual([10, REQUESTS])
})
