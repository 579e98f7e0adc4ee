import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createGatewayApp } from '../../cluster/adapters/http/gateway-app.ts'
import { createOwnerAccess } from '../../cluster/adapters/memory/owner-access.ts'
import { scriptedFailure } from '../../cluster/adapters/memory/engines.ts'
import { openPlaneUnderTest, plainScript, type PlaneUnderTest } from '../../cluster/entries/plane-under-test.ts'
import { deliberationResult } from '../../cluster/messages/deliberation-result.ts'
import { createLiveHub } from './feeds/live-hub.ts'
import { createRunUpdates } from './feeds/run-updates.ts'

const token = 'a-token-of-the-test'
const bearer = { authorization: `Bearer ${token}`, host: 'gateway.test' }
let plane: PlaneUnderTest
let app: ReturnType<typeof createGatewayApp>
let refusals: string[] = []
let isHeld = false
/** So many calls fail before others are held. */
let failing = 0

/** While calls are held, so many are let through. */
let permits = 0

/** Resolves once its call may be answered. */
async function released(signal: AbortSignal): Promise<void> {
  while (isHeld && permits === 0) await delay(5, undefined, { signal })
  permits = Math.max(0, permits - 1)
}

beforeAll(async () => {
  plane = await openPlaneUnderTest(async (call, tries, signal) => {
    if (failing-- > 0) throw scriptedFailure('connection', false)
    await released(signal)
    return await plainScript(call, tries, signal)
  })
  app = createGatewayApp({
    dispatch: plane.dispatch,
    watch: createRunUpdates(plane, createLiveHub(plane.live)),
    metrics: plane.metrics,
    access: createOwnerAccess(token),
    hosts: Promise.resolve(['gateway.test']),
    version: '1.2.3',
    onRefused: (refusal) => refusals.push(JSON.stringify(refusal)),
    onFault: (fault) => {
      throw fault
    },
  })
})
afterAll(async () => {
  await app.close()
  await plane.stop()
})

async function ask(method: 'GET' | 'POST', path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await app.inject({
    method,
    url: path,
    headers: { ...bearer, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body,
    json: () => answer.json<Record<string, unknown>>(),
  }
}

const run = { task: 'Design a retry policy.', role: 'DEV', num_agents: 2 }
const submit = async (more: Record<string, unknown> = {}) =>
  (await ask('POST', '/api/v1/deliberations', { ...run, ...more })).json()

describe('a submit', () => {
  it('check 1: gives the id in the same reply, before any model was called; polled it is PENDING, IN_PROGRESS, then COMPLETED', async () => {
    isHeld = true
    const sent = await ask('POST', '/api/v1/deliberations', run)
    expect(sent.status).toBe(202)
    const accepted = sent.json()
    expect(accepted).toMatchObject({
      status: 'submitted',
      deliberation_id: accepted['task_id'],
      agent_ids: ['agent-001', 'agent-002'],
      num_agents: 2,
      role: 'developer',
      rounds: 1,
      estimate: { calls: 8 },
    })
    const path = `/api/v1/deliberations/${String(accepted['task_id'])}`
    expect((await ask('GET', path)).json()).toMatchObject({ status: 'PENDING', results: [], winner_id: null })
    const status = async () => (await ask('GET', path)).json()['status']
    permits = 1
    await expect.poll(status).toBe('IN_PROGRESS')
    isHeld = false
    await expect.poll(status).toBe('COMPLETED')
    expect((await ask('GET', path)).json()).toMatchObject({ results: [{ rank: 1 }, { rank: 2 }] })
  })

  it('waits for the end in mode wait, and gives the results', async () => {
    const reply = await ask('POST', '/api/v1/deliberations', { ...run, mode: 'wait', wait_timeout_ms: 9000 })
    expect(reply).toMatchObject({ status: 200 })
    const { status, winner_id, duration_ms, results } = reply.json()
    expect({ status, hasTime: typeof duration_ms }).toEqual({ status: 'COMPLETED', hasTime: 'number' })
    expect(results).toMatchObject([{ rank: 1, proposal: { author_id: winner_id } }, { rank: 2 }])
  })

  it('tells how far it is when the wait is over first', async () => {
    isHeld = true
    const reply = await ask('POST', '/api/v1/deliberations', { ...run, mode: 'wait', wait_timeout_ms: 20 })
    expect(reply).toMatchObject({ status: 202 })
    expect(reply.json()).toMatchObject({ status: 'PENDING', results: [] })
    isHeld = false
    await ask('POST', `/api/v1/deliberations/${String(reply.json()['task_id'])}/cancel`)
  })

  it('gets the first answer again under the same Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'key-of-a-client-1' }
    const first = await ask('POST', '/api/v1/deliberations', run, key)
    expect((await ask('POST', '/api/v1/deliberations', run, key)).body).toBe(first.body)
    const other = await ask('POST', '/api/v1/deliberations', { ...run, task: 'Another.' }, key)
    expect({ status: other.status, code: other.json()['error'] }).toMatchObject({ status: 409, code: { code: 'conflict' } })
  })

  it.each([
    ['task_description', { task_description: 'Design it.', role: 'QA' }],
    ['story_id', { ...run, story_id: 'S-1' }],
  ])('knows %s, the name other clients use', async (_name, body) => {
    expect((await ask('POST', '/api/v1/deliberations', body)).status).toBe(202)
  })

  it.each([
    ['an unknown field by its name', { ...run, colour: 'red' }, 'colour'],
    ['a missing task', { role: 'DEV' }, 'task'],
    ['a task under two names', { ...run, task_description: 'x' }, 'task_description'],
    ['an unknown role', { ...run, role: 'poet' }, 'role'],
    ['a limit of cost for a model without a price', { ...run, budget_micro_usd: 500 }, 'limits.cost_micro_usd'],
    ['a value out of range', { ...run, limits: { timeout_seconds: 1 } }, 'limits.timeout_seconds'],
  ])('is refused for %s', async (_name, body, field) => {
    const reply = await ask('POST', '/api/v1/deliberations', body)
    expect(reply.status).toBe(400)
    expect(reply.json()).toMatchObject({ error: { code: 'invalid-input', field } })
  })

  it.each([
    ['no JSON', '{broken', 400],
    ['no object', '[1]', 400],
    ['larger than 4 MiB', JSON.stringify('x'.repeat(5_000_000)), 413],
  ])('is refused when its body is %s', async (_name, body, status) => {
    const reply = await ask('POST', '/api/v1/deliberations', body)
    expect(reply.status).toBe(status)
    expect(reply.json()).toMatchObject({ error: { code: 'invalid-input' } })
  })

  it('is refused in another content type than JSON', async () => {
    expect((await ask('POST', '/api/v1/deliberations', 'task=x', { 'content-type': 'text/plain' })).status).toBe(415)
  })
})

describe('an orchestration', () => {
  it('is a run whose winner an architect chose', async () => {
    const reply = await ask('POST', '/api/v1/orchestrate', { ...run, wait_timeout_ms: 9000 })
    const { winner, candidates, task_id, execution_id } = reply.json()
    expect(reply.json()).toMatchObject({ status: 'COMPLETED', selection: { by: expect.any(String) as string } })
    expect(execution_id).toBe(task_id)
    expect(candidates).toContainEqual(winner)
  })
})

describe('a run that cannot be read', () => {
  it('check 7: is 404 where the id was never seen, 410 where retention removed it: two different replies', async () => {
    const { task_id } = await submit({ mode: 'wait' })
    await plane.commands.expire(String(task_id), 'retention')
    await plane.caughtUp()
    for (const suffix of ['', '/events']) {
      const expired = await ask('GET', `/api/v1/deliberations/${String(task_id)}${suffix}`)
      expect(expired).toMatchObject({ status: 410 })
      expect(expired.json()).toMatchObject({ error: { code: 'expired' } })
      const unknown = await ask('GET', `/api/v1/deliberations/never-seen${suffix}`)
      expect(unknown).toMatchObject({ status: 404 })
      expect(unknown.json()).toMatchObject({ error: { code: 'not-found' } })
    }
  })
})

describe('a cancel', () => {
  it('ends the run; the same command gets the same answer, another one a conflict', async () => {
    isHeld = true
    const { task_id } = await submit()
    const path = `/api/v1/deliberations/${String(task_id)}/cancel`
    const key = { 'idempotency-key': 'cancel-it-once' }
    const answers = [await ask('POST', path, undefined, key), await ask('POST', path, undefined, key), await ask('POST', path)]
    isHeld = false
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 409])
    expect(answers[1]?.body).toBe(answers[0]?.body)
    expect((await ask('GET', `/api/v1/deliberations/${String(task_id)}`)).json()).toMatchObject({ status: 'CANCELLED' })
  })
})

describe('a retry', () => {
  it('makes the failed call of one agent again; the same command gets the same answer', async () => {
    isHeld = true
    failing = 1
    const { task_id } = await submit()
    const path = `/api/v1/deliberations/${String(task_id)}/retry`
    const status = async () => (await ask('POST', path, { agent_id: 'agent-001' }, { 'idempotency-key': 'retry-it-once' })).status
    await expect.poll(status).toBe(200)
    const again = await ask('POST', path, { agent_id: 'agent-001' }, { 'idempotency-key': 'retry-it-once' })
    expect(again.json()).toMatchObject({ task_id, agent_id: 'agent-001', phase: 'propose', round: 0, attempt: 2 })
    const refused = await ask('POST', path, { agent_id: 'agent-002' })
    expect(refused.json()).toMatchObject({ error: { code: 'conflict' } })
    isHeld = false
    await ask('POST', `/api/v1/deliberations/${String(task_id)}/cancel`)
  })
})

describe('an outcome', () => {
  it('is kept with the ended run', async () => {
    const { task_id, winner_id } = await submit({ mode: 'wait' })
    const path = `/api/v1/deliberations/${String(task_id)}/outcome`
    const kept = await ask('POST', path, { verdict: 'rejected', reason: 'It forgets the queue.', rating: 2 })
    expect(kept.json()).toEqual({ task_id, deliberation_id: task_id, verdict: 'rejected' })
    await plane.caughtUp()
    const rows = (await ask('GET', `/api/v1/deliberations?text=${String(task_id)}`)).json()
    expect(rows).toMatchObject({ rows: [{ outcome: 'rejected', leader_id: winner_id }] })
    expect((await ask('POST', path, { verdict: 'rejected' })).json()).toMatchObject({ error: { field: 'reason' } })
  })

  it('is refused while the run goes on', async () => {
    isHeld = true
    const { task_id } = await submit()
    expect((await ask('POST', `/api/v1/deliberations/${String(task_id)}/outcome`, { verdict: 'accepted' })).status).toBe(409)
    isHeld = false
    await ask('POST', `/api/v1/deliberations/${String(task_id)}/cancel`)
  })
})

describe('the list', () => {
  it('comes in pages, newest first, without a gap or a repeat', async () => {
    const all = z.object({ rows: z.array(z.object({ task_id: z.string() })), total: z.int(), next_cursor: z.string().nullable() })
    await submit({ mode: 'wait' })
    await plane.caughtUp()
    const ids: string[] = []
    let cursor: string | null = ''
    let total = 0
    while (cursor !== null) {
      const page = all.parse((await ask('GET', `/api/v1/deliberations?limit=2${cursor && `&cursor=${cursor}`}`)).json())
      ids.push(...page.rows.map((row) => row.task_id))
      ;({ next_cursor: cursor, total } = page)
    }
    expect(ids.length).toBe(total)
    expect(new Set(ids).size).toBe(total)
    expect(total).toBeGreaterThan(4)
  })

  it('is filtered by status, role and text', async () => {
    await submit({ title: 'A needle', role: 'QA', mode: 'wait' })
    const reply = await ask('GET', '/api/v1/deliberations?status=COMPLETED&role=QA&text=needle')
    expect(reply.json()).toMatchObject({ total: 1, rows: [{ title: 'A needle', role: 'tester' }] })
  })

  it('is filtered by several values of a field, as one text or repeated, and by when runs began', async () => {
    const before = Date.now()
    await submit({ title: 'Several, done', mode: 'wait' })
    isHeld = true
    const { task_id } = await submit({ title: 'Several, stopped' })
    isHeld = false
    await ask('POST', `/api/v1/deliberations/${String(task_id)}/cancel`)
    await plane.caughtUp()
    const titles = async (query: string) => {
      const { rows } = (await ask('GET', `/api/v1/deliberations?text=several,&${query}`)).json() as { rows: { title: string }[] }
      return rows.map(({ title }) => title)
    }
    const both = ['Several, done', 'Several, stopped']
    expect(await titles('status=COMPLETED,CANCELLED&sort=title&order=asc')).toEqual(both)
    expect(await titles('status=COMPLETED&status=CANCELLED&sort=title')).toEqual(both.toReversed())
    expect(await titles('status=CANCELLED,FAILED')).toEqual(['Several, stopped'])
    expect(await titles('outcome=accepted,corrected')).toEqual([])
    expect(await titles('outcome=none&sort=title&order=asc')).toEqual(both)
    expect(await titles('model=nobody,else')).toEqual([])
    expect(await titles(`created_from=${before}&sort=title&order=asc`)).toEqual(both)
    expect(await titles(`created_to=${before}`)).toEqual([])
  })

  it('goes on behind the cursor in the order that was asked for', async () => {
    const list = z.object({ rows: z.array(z.object({ title: z.string() })), next_cursor: z.string().nullable() })
    const pageOf = async (more: string) =>
      list.parse((await ask('GET', `/api/v1/deliberations?text=several,&sort=title&order=asc&limit=1${more}`)).json())
    const first = await pageOf('')
    const second = await pageOf(`&cursor=${first.next_cursor}`)
    expect([first, second].map(({ rows }) => rows[0]?.title)).toEqual(['Several, done', 'Several, stopped'])
  })

  it.each([
    'sort=colour',
    'order=up',
    'created_from=today',
    'outcome=good',
    'limit=0',
    'limit=many',
    'cursor=nonsense',
    'status=LOST',
    'colour=red',
  ])('is refused for ?%s', async (query) => {
    expect((await ask('GET', `/api/v1/deliberations?${query}`)).status).toBe(400)
  })
})

describe('figures', () => {
  it('say how many runs they rest on', async () => {
    await submit({ mode: 'wait' })
    await plane.caughtUp()
    const status = (await ask('GET', '/api/v1/status')).json()
    const metrics = (await ask('GET', '/api/v1/metrics?window_ms=600000')).json()
    const completed = Number((status['status_counts'] as Record<string, number>)['COMPLETED'])
    expect(metrics).toMatchObject({ performance: { count: completed }, success_rate: expect.any(Number) as number })
    const { p50_ms, p95_ms, p99_ms } = metrics['performance'] as Record<string, number>
    expect([p50_ms! <= p95_ms!, p95_ms! <= p99_ms!]).toEqual([true, true])
  })
})

describe('events', () => {
  const eventsOf = (body: string) =>
    body
      .split('\n\n')
      .filter((block) => block.startsWith('id: '))
      .map((block) => {
        const [id = '', type = '', data = ''] = block.split('\n').map((line) => line.slice(line.indexOf(' ') + 1))
        return { id, type, data: JSON.parse(data) as Record<string, unknown> }
      })

  it('begin with a snapshot and end with the result', async () => {
    const { task_id } = await submit()
    const reply = await ask('GET', `/api/v1/deliberations/${String(task_id)}/events`)
    expect(reply.headers['content-type']).toContain('text/event-stream')
    const events = eventsOf(reply.body)
    expect(events[0]).toMatchObject({ type: 'snapshot', data: { task_id, calls: expect.any(Array) as unknown[] } })
    const last = events.at(-1)
    expect(last).toMatchObject({ type: 'result', id: `${String(task_id)}.end` })
    expect(deliberationResult.parse(last?.data['result']).status).toBe('COMPLETED')
    expect(events.filter((event) => event.type === 'result')).toHaveLength(1)
  })

  it('are told to be over to a follower that has seen the result', async () => {
    const { task_id } = await submit({ mode: 'wait' })
    const headers = { 'last-event-id': `${String(task_id)}.end` }
    expect((await ask('GET', `/api/v1/deliberations/${String(task_id)}/events`, undefined, headers)).status).toBe(204)
  })
})

describe('the door', () => {
  it.each([
    ['without a token', { authorization: '' }, 401],
    ['with a wrong token', { authorization: 'Bearer wrong' }, 401],
    ['under a foreign Host', { host: 'evil.example' }, 403],
  ])('is shut %s, and the log holds no token', async (_name, headers, status) => {
    refusals = []
    for (const path of ['/api/v1/status', '/api/v1/openapi.json', '/nowhere']) {
      const reply = await ask('GET', path, undefined, headers)
      expect(reply.status).toBe(status)
      expect(reply.json()).toMatchObject({ error: { message: expect.any(String) as string } })
    }
    expect(refusals).toHaveLength(3)
    expect(refusals.join('')).not.toContain(token)
  })

  it('lets anybody ask /health, under our own name only', async () => {
    expect((await app.inject({ url: '/health', headers: { host: 'gateway.test' } })).json()).toEqual({
      status: 'ok',
      version: '1.2.3',
    })
    expect((await app.inject({ url: '/health', headers: { host: 'evil.example' } })).statusCode).toBe(403)
  })
})
