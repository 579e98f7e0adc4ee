import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API_ROOT, apiRoutes } from '../../cluster/adapters/http/api-routes.ts'
import { createGatewayApp } from '../../cluster/adapters/http/gateway-app.ts'
import { createOwnerAccess } from '../../cluster/adapters/memory/owner-access.ts'
import { openApiDocument } from '../../cluster/adapters/http/openapi.ts'
import { openPlaneUnderTest, type PlaneUnderTest } from '../../cluster/entries/plane-under-test.ts'
import { commandsByName } from '../../cluster/messages/command-table.ts'
import { commandError, errorCode } from '../../cluster/messages/errors.ts'
import { createLiveHub } from './feeds/live-hub.ts'
import { createRunUpdates } from './feeds/run-updates.ts'

const token = 'a-token-of-the-test'
const headers = { authorization: `Bearer ${token}`, host: 'gateway.test', 'content-type': 'application/json' }
const faults: unknown[] = []
let plane: PlaneUnderTest
let app: ReturnType<typeof createGatewayApp>

beforeAll(async () => {
  // No engine answers: what is let in stays where it is.
  plane = await openPlaneUnderTest(
    (_call, _tries, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  )
  app = createGatewayApp({
    dispatch: plane.dispatch,
    watch: createRunUpdates(plane, createLiveHub(plane.live)),
    metrics: plane.metrics,
    access: createOwnerAccess(token),
    hosts: Promise.resolve(['gateway.test']),
    version: '1.2.3',
    onRefused: () => undefined,
    onFault: (fault) => faults.push(fault),
  })
})
afterAll(async () => {
  await app.close()
  await plane.stop()
})

describe('the OpenAPI document', () => {
  it('is valid, and served by the gateway', async () => {
    const document = (await app.inject({ url: `${API_ROOT}/openapi.json`, headers })).json<Record<string, unknown>>()
    const { valid, errors } = await new Validator().validate(document)
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Signalbox', version: '1.2.3' } })
  })

  it('has no route that does not answer', async () => {
    const operations = Object.entries(openApiDocument('1').paths ?? {}).flatMap(([path, item]) =>
      (['get', 'post', 'delete'] as const).filter((method) => item[method]).map((method) => [method, path] as const),
    )
    expect(operations).toHaveLength(apiRoutes.length + 3)
    for (const [method, path] of operations) {
      const answer = await app.inject({ method, url: path.replaceAll(/\{\w+\}/g, 'never-seen'), headers })
      const isAbsent = answer.statusCode === 404 && /There is no [A-Z]+ \//.test(answer.body) // the route, not the run
      expect([path, isAbsent, answer.statusCode < 500]).toEqual([path, false, true])
    }
  })
})

const junk = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' })
const words = fc.oneof(
  junk,
  fc.string({ maxLength: 40 }),
  fc.constantFrom('DEV', '__proto__', '', '\u0000', '../..', '9'.repeat(30)),
)

/** Bodies that are nearly right, with fields of the contract and some of nobody's. `wait_timeout_ms` is never long. */
const nearly = fc.oneof(
  words,
  fc
    .dictionary(
      fc.constantFrom(
        ...['task', 'role', 'agents', 'num_agents', 'model', 'rounds', 'seed', 'max_tokens', 'constraints', 'options', 'limits'],
        ...['metadata', 'mode', 'task_id', 'deliberation_id', 'limit', 'cursor', 'status', 'window_ms', 'constructor', 'colour'],
        ...[
          'council_id',
          'config',
          'title',
          'archived',
          'dry_run',
          'format',
          'sha256',
          'offset',
          'template_id',
          'run',
          'hidden',
          'values',
        ],
      ),
      words,
    )
    .map((fields) => ({ ...fields, wait_timeout_ms: 0 })),
  fc.record({
    task: fc.string(),
    role: fc.constantFrom('DEV', 'QA', 'nobody'),
    rounds: fc.integer(),
    wait_timeout_ms: fc.constant(0),
  }),
)

describe('10,000 fuzzed messages', () => {
  it('get a valid reply or a clean refusal over HTTP, never a 500', async () => {
    const paths = fc.constantFrom(...apiRoutes.map(({ method, path }) => ({ method, path })))
    await fc.assert(
      fc.asyncProperty(paths, fc.webSegment(), nearly, fc.webQueryParameters(), async ({ method, path }, id, body, query) => {
        const url = `${API_ROOT}${path.replaceAll(/\{\w+\}/g, id || 'x')}?${query}`
        const answer = await app.inject({ method, url, headers, ...(method === 'POST' && { payload: JSON.stringify(body) }) })
        if (answer.statusCode < 300) return
        const { code } = commandError.parse(answer.json<{ error: unknown }>().error)
        expect([(answer.statusCode >= 400 && answer.statusCode < 500) || code === 'overloaded', code]).toEqual([true, code])
      }),
      { numRuns: 2000, seed: 11 },
    )
    expect([...faults, ...plane.faults]).toEqual([])
  }, 60_000)

  it('get the same from the commands themselves', async () => {
    const verbs = fc.oneof(
      fc.constantFrom(...commandsByName.keys()),
      fc.constantFrom('toString', '__proto__', 'deliberation.__proto__', 'deliberation', 'launch'),
    )
    const signal = new AbortController().signal
    await fc.assert(
      fc.asyncProperty(verbs, nearly, fc.uuid(), async (verb, input, commandId) => {
        const answer = await plane.dispatch(verb, input, { commandId, actor: 'spec', signal })
        if ('ok' in answer) return
        expect(errorCode.exclude(['internal']).safeParse(answer.error.code).success).toBe(true)
      }),
      { numRuns: 8000, seed: 12 },
    )
    expect([...faults, ...plane.faults]).toEqual([])
  }, 60_000)
})
