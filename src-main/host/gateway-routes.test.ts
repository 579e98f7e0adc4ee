import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGatewayApp } from '../../cluster/adapters/http/gateway-app.ts'
import { createOwnerAccess } from '../../cluster/adapters/memory/owner-access.ts'
import { openPlaneUnderTest, plainScript, type PlaneUnderTest } from '../../cluster/entries/plane-under-test.ts'
import { deliberationExport } from '../../cluster/messages/deliberation-export.ts'
import { deliberationBoard } from '../../cluster/messages/deliberation-views.ts'

const token = 'a-token-of-the-test'
const LONG = `${'A very long proposal. '.repeat(5000)}The end.`
let plane: PlaneUnderTest
let app: ReturnType<typeof createGatewayApp>

beforeAll(async () => {
  plane = await openPlaneUnderTest((call, tries, signal) =>
    !call.format && JSON.stringify(call.messages).includes('at length') ? LONG : plainScript(call, tries, signal),
  )
  app = createGatewayApp({
    dispatch: plane.dispatch,
    watch: async function* () {},
    metrics: plane.metrics,
    access: createOwnerAccess(token),
    hosts: Promise.resolve(['gateway.test']),
    version: '1.2.3',
    onRefused: () => undefined,
    onFault: (fault) => {
      throw fault
    },
  })
})
afterAll(async () => {
  await app.close()
  await plane.stop()
})

type Json = Record<string, unknown>

async function ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: Json, key?: string) {
  const answer = await app.inject({
    method,
    url: path.startsWith('/metrics') ? path : `/api/v1${path}`,
    headers: {
      authorization: `Bearer ${token}`,
      host: 'gateway.test',
      ...(body && { 'content-type': 'application/json' }),
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json<Json>() }
}

/** An ended run's id. */
async function ended(more: Json = {}): Promise<string> {
  const run = { task: 'Design a retry policy.', role: 'DEV', num_agents: 2, mode: 'wait', wait_timeout_ms: 20_000, ...more }
  const { task_id } = (await ask('POST', '/deliberations', run)).json()
  await plane.caughtUp()
  return String(task_id)
}

describe('templates', () => {
  it('are kept, listed with the shipped ones, launched, renamed, hidden and removed', async () => {
    const run = { task: 'Say hello.', role: 'DEV', num_agents: 1, rounds: 0 }
    const made = await ask('POST', '/templates', { template_id: 'hello', title: 'Hello', run })
    expect([made.status, made.json()]).toMatchObject([200, { template_id: 'hello', shipped: false, run: { role: 'developer' } }])
    const { templates } = (await ask('GET', '/templates')).json() as { templates: Json[] }
    expect([templates[0], templates.at(-1)]).toEqual([expect.objectContaining({ shipped: true }), made.json()])
    const launched = await ask('POST', '/deliberations', templates.at(-1)?.['run'] as Json)
    expect(launched.json()).toMatchObject({ role: 'developer', num_agents: 1, rounds: 0 })
    expect((await ask('POST', '/templates/hello', { title: 'Hi' })).json()).toMatchObject({
      title: 'Hi',
      run: { task: 'Say hello.' },
    })
    const filled = await ask('POST', '/templates/code-review/fill', { values: {} })
    expect([filled.status, filled.json()]).toMatchObject([400, { error: { code: 'invalid-input', field: 'values.language' } }])
    const values = { language: 'Go', purpose: 'billing', code: 'x := 1' }
    const whole = (await ask('POST', '/templates/code-review/fill', { values })).json() as { run: Json }
    expect(whole.run['task']).toContain('Review the Go code below')
    expect((await ask('POST', '/deliberations/estimate', whole.run)).status).toBe(200)
    expect((await ask('POST', '/templates/nothing/fill', {})).status).toBe(404)
    expect((await ask('POST', '/templates/code-review/hide', {})).json()).toMatchObject({ hidden: true })
    expect((await ask('POST', '/templates/code-review/hide', { hidden: false })).json()).toMatchObject({ hidden: false })
    expect((await ask('DELETE', '/templates/hello')).json()).toEqual({ template_id: 'hello' })
    const refused = await ask('DELETE', '/templates/code-review')
    expect([refused.status, refused.json()]).toMatchObject([409, { error: { code: 'conflict', field: 'template_id' } }])
  })
})

describe('councils', () => {
  it('are kept, listed with their state, used by a run, and removed', async () => {
    const created = await ask('POST', '/councils', {
      council_id: 'pair',
      role: 'DEV',
      num_agents: 2,
      config: { deliberation_rounds: 0, model_profile: 'script' },
    })
    const model = { engine_id: 'scripted', model: 'script' }
    expect([created.status, created.json()]).toEqual([
      200,
      {
        council_id: 'pair',
        title: 'developer council',
        role: 'developer',
        agents: [
          { agent_id: 'agent-developer-001', model },
          { agent_id: 'agent-developer-002', model },
        ],
        num_agents: 2,
        config: { deliberation_rounds: 0, enable_peer_review: true, revision_by: 'author' },
        model,
        status: 'idle',
        reason: null,
      },
    ])
    expect((await ask('GET', '/councils')).json()).toEqual({ councils: [created.json()] })
    const run = await ask('POST', '/deliberations', { task: 'Design it.', council_id: 'pair' })
    expect(run.json()).toMatchObject({ role: 'developer', rounds: 0, agent_ids: ['agent-developer-001', 'agent-developer-002'] })
    expect((await ask('DELETE', '/councils/pair')).json()).toEqual({ council_id: 'pair' })
    expect((await ask('GET', '/councils')).json()).toEqual({ councils: [] })
  })

  it('get an id after their role, and the same command makes no second one', async () => {
    const first = await ask('POST', '/councils', { role: 'QA' }, 'make-one-council')
    const second = await ask('POST', '/councils', { role: 'QA' }, 'make-one-council')
    expect(second.text).toBe(first.text)
    expect(first.json()).toMatchObject({ num_agents: 3, council_id: expect.stringMatching(/^tester-[0-9a-f]{8}$/) as string })
    await ask('DELETE', `/councils/${String(first.json()['council_id'])}`)
  })

  it('that name a model nobody serves are unavailable, and say so', async () => {
    const gone = { engine_id: 'elsewhere', model: 'big' }
    const created = await ask('POST', '/councils', { council_id: 'lost', role: 'DEV', agents: [{ model: gone }] })
    expect(created.json()).toMatchObject({ status: 'unavailable', reason: 'Not served now: big.', model: gone })
    expect((await ask('GET', '/metrics')).text).toContain('signalbox_council_agents{role="developer",status="offline"} 1')
    await ask('DELETE', '/councils/lost')
  })

  it.each<[string, Json, number, object]>([
    ['an unknown role', { role: 'poet' }, 400, { code: 'invalid-input', field: 'role' }],
    ['a model profile that nobody serves', { role: 'DEV', config: { model_profile: 'big' } }, 400, { field: 'model' }],
    ['a model under two names', { role: 'DEV', model: 'script', config: { model_profile: 'script' } }, 400, { field: 'model' }],
    ['a number that its agents do not have', { role: 'DEV', num_agents: 3, agents: [{}] }, 400, { field: 'num_agents' }],
    ['an unknown field', { role: 'DEV', config: { agent_type: 'MOCK' } }, 400, { field: 'config.agent_type' }],
  ])('are refused for %s', async (_name, body, status, error) => {
    const reply = await ask('POST', '/councils', body)
    expect([reply.status, reply.json()]).toMatchObject([status, { error }])
  })

  it('are not found where there is none', async () => {
    const reply = await ask('DELETE', '/councils/nobody')
    expect([reply.status, reply.json()]).toMatchObject([404, { error: { code: 'not-found', field: 'council_id' } }])
  })
})

describe('a run in full', () => {
  it('is on its board: calls, critiques, scores, and who repeats whom', async () => {
    const first = await ended()
    const again = await ended({ rerun_of: first })
    const board = deliberationBoard.parse((await ask('GET', `/deliberations/${first}/board`)).json())
    expect(board).toMatchObject({ calls: { length: 8 }, critiques: { length: 2 }, scores: { length: 2 }, reruns: [again] })
    expect((await ask('GET', `/deliberations/${again}`)).json()).toMatchObject({ rerun_of: first, reruns: [] })
  })

  it('is a file on request: a report, or all of it', async () => {
    const id = await ended()
    const report = await ask('GET', `/deliberations/${id}/export`)
    expect(report.headers).toMatchObject({
      'content-type': 'text/markdown; charset=utf-8',
      'content-disposition': `attachment; filename="${id}.md"`,
    })
    expect(report.text).toContain('Design a retry policy.')
    const whole = await ask('GET', `/deliberations/${id}/export?format=json`)
    expect(deliberationExport.parse(whole.json()).run.row.task_id).toBe(id)
    expect((await ask('GET', `/deliberations/${id}/export?format=pdf`)).status).toBe(400)
    expect((await ask('GET', `/deliberations/nobody/export`)).status).toBe(404)
  })

  it('has its large texts piece by piece, and whole in its export', async () => {
    const id = await ended({ task: 'Write at length.', rounds: 0, num_agents: 1 })
    const { results } = (await ask('GET', `/deliberations/${id}`)).json() as {
      results: { proposal: { content: string; content_ref: { sha256: string; size: number } } }[]
    }
    const { content, content_ref } = results[0]!.proposal
    expect([content.length < LONG.length, content_ref.size]).toEqual([true, LONG.length])
    const path = `/deliberations/${id}/texts/${content_ref.sha256}`
    expect((await ask('GET', path)).json()).toEqual({ text: LONG, next: null })
    expect((await ask('GET', `${path}?offset=${LONG.length - 4}`)).json()).toEqual({ text: 'end.', next: null })
    expect((await ask('GET', `/deliberations/${id}/export`)).text).toContain('The end.')
    const other = await ask('GET', `/deliberations/${id}/texts/${'0'.repeat(64)}`)
    expect([other.status, other.json()]).toMatchObject([404, { error: { field: 'sha256' } }])
  })
})

describe('an ended run', () => {
  it('is put away and taken back, and the list tells them apart', async () => {
    const id = await ended()
    const ids = async (query: string) => {
      await plane.caughtUp()
      const { rows } = (await ask('GET', `/deliberations?text=${id}${query}`)).json() as { rows: { task_id: string }[] }
      return rows.map((row) => row.task_id)
    }
    expect((await ask('POST', `/deliberations/${id}/archive`)).json()).toMatchObject({ task_id: id, archived: true })
    expect([await ids(''), await ids('&archived=yes'), await ids('&archived=any')]).toEqual([[], [id], [id]])
    expect((await ask('POST', `/deliberations/${id}/restore`)).json()).toMatchObject({ archived: false })
    expect([await ids(''), await ids('&archived=yes')]).toEqual([[id], []])
  })

  it('is weighed before it is deleted, and then expired', async () => {
    const id = await ended()
    const weighed = (await ask('DELETE', `/deliberations/${id}?dry_run=true`)).json()
    expect(weighed).toMatchObject({ deleted: false, removal: { texts: 4 } })
    expect((await ask('GET', `/deliberations/${id}`)).status).toBe(200)
    const deleted = await ask('DELETE', `/deliberations/${id}`, undefined, 'delete-it-once')
    expect(deleted.json()).toEqual({ ...weighed, deleted: true })
    await plane.caughtUp()
    expect((await ask('GET', `/deliberations/${id}`)).status).toBe(410)
    expect((await ask('DELETE', `/deliberations/${id}`, undefined, 'delete-it-once')).text).toBe(deleted.text)
    expect((await ask('DELETE', `/deliberations/${id}`)).status).toBe(410)
  })
})

describe('figures', () => {
  it('tell orchestrations and councils, and how each council does', async () => {
    await ask('POST', '/councils', { council_id: 'pair', role: 'DEV', num_agents: 2 })
    await ended({ council_id: 'pair', num_agents: undefined })
    await ask('POST', '/orchestrate', { task: 'Choose.', role: 'DEV', num_agents: 2, wait_timeout_ms: 20_000 })
    await plane.caughtUp()
    expect((await ask('GET', '/status')).json()).toMatchObject({ total_orchestrations: 1, active_councils: 1 })
    const metrics = await app.inject({
      url: '/api/v1/metrics',
      headers: { authorization: `Bearer ${token}`, host: 'gateway.test' },
    })
    expect(metrics.json()).toMatchObject({
      agents: { total: 2, ready: 2, busy: 0, offline: 0 },
      councils: [{ council_id: 'pair', role: 'developer', status: 'idle', available: 2, busy: 0, success_rate: 1 }],
    })
    await ask('DELETE', '/councils/pair')
  })

  it('are given to Prometheus in its own format, for the token only', async () => {
    const scraped = await ask('GET', '/metrics')
    expect(scraped.headers['content-type']).toContain('text/plain; version=0.0.4')
    expect(scraped.text).toContain('# TYPE signalbox_deliberations_total counter')
    expect((await app.inject({ url: '/metrics', headers: { host: 'gateway.test' } })).statusCode).toBe(401)
  })
})
