import { Validator } from '@seriousme/openapi-schema-validator'
import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startScriptedEndpoint, type ScriptedEndpoint } from '../../openai/scripted-endpoint.ts'
import { openApiDocument } from '../openapi.ts'
import type { BatchesUnderTest } from './batches-under-test.ts'
import { batchAnalytics, batchSla } from './batches.ts'
import { slaReport } from './operations.ts'
import { openGatewayUnderTest, type GatewayUnderTest } from './gateway-under-test.ts'

let server: ScriptedEndpoint
let gateway: GatewayUnderTest
let batching: BatchesUnderTest
let url: string

beforeEach(async () => {
  server = await startScriptedEndpoint()
  gateway = await openGatewayUnderTest(server)
  ;({ batching, url } = gateway)
})

afterEach(async () => {
  await gateway.stop()
  await server.close()
})

/** A file with one request. */
const upload = async () => {
  const body = { model: 'small', messages: [{ role: 'user', content: 'one' }] }
  const line = JSON.stringify({ custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: gateway.token, maxRetries: 0 })
  return await client.files.create({ file: await toFile(Buffer.from(`${line}\n`), 'input.jsonl'), purpose: 'batch' })
}

describe('Addresses that other batch servers have', () => {
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const get = (path: string) => fetch(url + path, { headers: { authorization: `Bearer ${gateway.token}` } })

  it('take prompts without a file', async () => {
    const reply = await post('/v1/batches', { model: 'small', input: [{ prompt: 'one' }, { prompt: 'two' }], max_tokens: 5 })
    expect(reply.status).toBe(200)
    expect(await reply.json()).toMatchObject({ object: 'batch', total_prompts: 2, model: 'small' })
    expect((await post('/v1/batches', { model: 'small', input: [] })).status).toBe(400)
    expect((await post('/v1/batches', { model: 'small', input: [{ prompt: 'x' }], input_file_id: 'f' })).status).toBe(400)
  })

  it('wait for prompts that are run at once', async () => {
    const reply = await post('/generate_batch', { model: 'small', prompts: ['one', 'two'] })
    expect(await reply.json()).toMatchObject({
      total_prompts: 2,
      results: [
        { prompt: 'one', response: 'Echo: one', error: null },
        { prompt: 'two', response: 'Echo: two', error: null },
      ],
    })
  })

  it('give the first answer again under the same Idempotency-Key', async () => {
    const { id } = await upload()
    const wanted = { input_file_id: id, endpoint: '/v1/chat/completions' }
    const key = { 'idempotency-key': 'the-same-key' }
    const ids = [await post('/v1/batches', wanted, key), await post('/v1/batches', wanted, key)].map(async (reply) => {
      return ((await reply.json()) as { id: string }).id
    })
    const [first, second] = await Promise.all(ids)
    expect(second).toBe(first)
  })

  it('tell of the queue and of each job', async () => {
    batching.hold(true)
    const { id } = await upload()
    const job = (await (await post('/v1/batches', { input_file_id: id, endpoint: '/v1/chat/completions' })).json()) as {
      id: string
    }
    expect(await (await get('/queue/stats')).json()).toEqual({ depth: 1, max_depth: 5000, state: 'ACTIVE' })
    expect(await (await get('/queue')).json()).toMatchObject({ jobs: [{ job_id: job.id, total: 1, progress_pct: 0 }] })
    expect(await (await get(`/jobs/${job.id}`)).json()).toMatchObject({ job_id: job.id, status: 'in_progress' })
    expect((await get('/jobs/none')).status).toBe(404)
    expect(await (await get('/sla/status')).json()).toMatchObject({
      jobs: [{ job_id: job.id, eta_hours: null, status: 'estimating' }],
    })
    const sla: unknown = await (await get(`/v1/batches/${job.id}/sla`)).json()
    expect(sla).toMatchObject({ state: 'estimating', settlement: null })
    expect(batchSla.strict().parse(sla)).toEqual(sla)
    const analytics: unknown = await (await get(`/v1/batches/${job.id}/analytics`)).json()
    expect(batchAnalytics.strict().parse(analytics)).toEqual(analytics)
    const report: unknown = await (await get('/sla/report')).json()
    expect(slaReport.strict().parse(report)).toEqual(report)
    batching.hold(false)
  })

  it('say so where there is nothing to give', async () => {
    const started = await post('/start', { model: 'small', input_path: '/in.jsonl', output_path: '/out.jsonl' })
    expect(started.status).toBe(400)
    expect(await started.json()).toMatchObject({
      error: { param: 'input_path', message: expect.stringContaining('SIGNALBOX_JOB_FOLDERS') as string },
    })
    expect((await post('/start', { model: 'small', input_path: '/in', output_path: '/out', num_samples: 100_001 })).status).toBe(
      400,
    )
    expect((await post('/shutdown-graceful', {})).status).toBe(409)
    const other = { authorization: `Bearer ${await gateway.keyFor(['batches'])}` }
    expect((await post('/shutdown-graceful', {}, other)).status).toBe(403)
    expect((await post('/benchmark', {})).status).toBe(404)
    expect(await (await get('/debug/gpu-pools')).json()).toMatchObject({ pools: [] })
  })
})

it('The OpenAPI document is valid, and names no address that is not there', async () => {
  const document = openApiDocument('1', { openAi: true })
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>)
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of ['get', 'post', 'delete'] as const)
      if (item[method] && !path.startsWith('/api/'))
        expect([
          method,
          path,
          gateway.app.hasRoute({ method: method.toUpperCase(), url: path.replaceAll(/\{(\w+)\}/g, ':$1') }),
        ]).toEqual([method, path, true])
})
