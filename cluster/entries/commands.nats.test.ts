import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { connect, type NatsConnection } from 'nats.ws'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startNatsServer, type NatsServer } from '../../e2e/servers/nats.ts'
import { createGatewayApp } from '../adapters/http/gateway-app.ts'
import { serveCommands } from '../adapters/nats/commands.ts'
import { scriptedFailure } from '../adapters/memory/engines.ts'
import { createOwnerAccess } from '../adapters/memory/owner-access.ts'
import { openContextUnderTest, type ContextUnderTest } from '../adapters/nats/context-under-test.ts'
import { commandsByName, type CommandName } from '../messages/command-table.ts'
import { commandReply, commandSubject } from '../messages/commands.ts'
import { openPlaneUnderTest, plainScript, type PlaneUnderTest } from './plane-under-test.ts'

const LONG = 'A long proposal. '.repeat(6000).trim()
/** More than one message of NATS carries here. */
const ENDLESS = 'An endless proposal. '.repeat(120_000).trim()
let server: NatsServer
let opened: ContextUnderTest
let plane: PlaneUnderTest
let stopServing: () => Promise<void>
let app: ReturnType<typeof createGatewayApp>
let connection: NatsConnection
/** Calls of the run whose first call fails. */
let stumbles = 0

beforeAll(async () => {
  server = await startNatsServer()
  opened = await openContextUnderTest(server.url)
  const { log, work, answers, state, blobs, live, service } = opened.context()
  plane = await openPlaneUnderTest(
    (call, tries, signal) => {
      const prompt = JSON.stringify(call.messages)
      if (prompt.includes('Stumble') && stumbles++ === 0) throw scriptedFailure('connection', false)
      if (prompt.includes('Hold on') || prompt.includes('Stumble'))
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      if (!call.format && prompt.includes('at length')) return LONG
      if (!call.format && prompt.includes('without end')) return ENDLESS
      return plainScript(call, tries, signal)
    },
    { log, work, answers, state, blobs, live },
  )
  stopServing = serveCommands(service, plane.dispatch)
  app = createGatewayApp({
    dispatch: plane.dispatch,
    watch: async function* () {},
    metrics: plane.metrics,
    access: createOwnerAccess('token'),
    hosts: Promise.resolve(['gateway.test']),
    version: '1',
    onRefused: () => undefined,
    onFault: (fault) => {
      throw fault
    },
  })
  connection = await connect({ servers: [server.url] })
}, 300_000)
afterAll(async () => {
  await connection.close()
  await app.close()
  await stopServing()
  await plane.stop()
  await opened.close()
  await server.stop()
})

type Json = Record<string, unknown>

async function ask(name: string, input: unknown, command_id: string = randomUUID()) {
  const subject = `${opened.prefix}.${commandSubject(name)}`
  const message = await connection.request(subject, JSON.stringify({ command_id, input }), { timeout: 60_000 })
  return commandReply.parse(message.json())
}

async function done(name: CommandName, input: unknown, command_id?: string): Promise<Json> {
  const reply = await ask(name, input, command_id)
  if ('error' in reply) throw new Error(`${name}: ${reply.error.message}`)
  return commandsByName.get(name)?.reply.parse(reply.ok) as Json
}

const run = { task: 'Design a retry policy.', role: 'DEV', num_agents: 2, rounds: 0 }
const waited = { ...run, mode: 'wait', wait_timeout_ms: 30_000 }
const idOf = (reply: Json): string => String(reply['task_id'])

async function failedAgent(task_id: string): Promise<string> {
  for (;;) {
    const { calls } = (await done('deliberation.board', { task_id })) as { calls: { agent_id: string; status: string }[] }
    const failed = calls.find((call) => call.status === 'failed')
    if (failed) return failed.agent_id
    await setTimeout(50)
  }
}

it('does every command of the table', async () => {
  const submitted = await done('deliberation.submit', { ...waited, task: 'Write at length.' })
  const task_id = idOf(submitted)
  const held = idOf(await done('deliberation.submit', { ...run, task: 'Hold on.' }))
  const stumbling = idOf(await done('deliberation.submit', { ...run, task: 'Stumble.' }))
  const [first] = submitted['results'] as { proposal: { content_ref: { sha256: string } } }[]
  /** Each command, in the order in which they make sense. */
  const inputs: Record<CommandName, unknown> = {
    'deliberation.submit': waited,
    'deliberation.orchestrate': { ...run, wait_timeout_ms: 30_000 },
    'deliberation.estimate': run,
    'deliberation.result': { task_id },
    'deliberation.board': { task_id },
    'deliberation.text': { task_id, sha256: first?.proposal.content_ref.sha256 },
    'deliberation.export': { task_id, format: 'json' },
    'deliberation.cancel': { task_id: held },
    'deliberation.retry': { task_id: stumbling, agent_id: await failedAgent(stumbling) },
    'deliberation.outcome': { task_id, verdict: 'accepted' },
    'deliberation.archive': { task_id },
    'deliberation.restore': { task_id },
    'deliberation.list': {},
    'deliberation.status': {},
    'deliberation.metrics': {},
    'deliberation.delete': { task_id },
    'council.create': { council_id: 'pair', role: 'DEV', num_agents: 2 },
    'council.list': {},
    'council.delete': { council_id: 'pair' },
    'template.create': { template_id: 'hello', title: 'Hello', run: { task: 'Say hello.', role: 'DEV' } },
    'template.change': { template_id: 'hello', title: 'Hi' },
    'template.hide': { template_id: 'hello' },
    'template.fill': { template_id: 'hello', values: {} },
    'template.list': {},
    'template.delete': { template_id: 'hello' },
  }
  expect(Object.keys(inputs).sort()).toEqual([...commandsByName.keys()].sort())
  const replies: Partial<Record<CommandName, Json>> = {}
  for (const [name, input] of Object.entries(inputs) as [CommandName, unknown][]) replies[name] = await done(name, input)
  expect(replies).toMatchObject({
    'deliberation.submit': { status: 'COMPLETED' },
    'deliberation.orchestrate': { status: 'COMPLETED' },
    'deliberation.text': { text: LONG, next: null },
    'deliberation.cancel': { task_id: held, status: 'CANCELLED' },
    'deliberation.delete': { deleted: true },
    'council.create': { num_agents: 2, status: 'idle' },
    'council.list': { councils: [{ council_id: 'pair' }] },
    'template.hide': { title: 'Hi', hidden: true, run: { role: 'developer' } },
  })
  expect(plane.faults).toEqual([])
})

it('gives a repeated id the first answer', async () => {
  const submits = [
    await done('deliberation.submit', run, 'submit-it-once'),
    await done('deliberation.submit', run, 'submit-it-once'),
  ]
  expect(submits[1]).toEqual(submits[0])
  const creates = [
    await ask('council.create', { role: 'QA' }, 'create-it-once'),
    await ask('council.create', { role: 'QA' }, 'create-it-once'),
  ]
  expect(creates[1]).toEqual(creates[0])
  expect(await ask('council.delete', { council_id: 'x' }, 'create-it-once')).toMatchObject({
    error: { code: 'conflict', field: 'command_id' },
  })
})

it.each<[string, CommandName, Json, 'GET' | 'POST' | 'DELETE', string]>([
  ['a run never seen', 'deliberation.result', { task_id: 'never-seen' }, 'GET', '/deliberations/never-seen'],
  ['a run never seen, to cancel', 'deliberation.cancel', { task_id: 'never-seen' }, 'POST', '/deliberations/never-seen/cancel'],
  ['a council that is not there', 'council.delete', { council_id: 'nobody' }, 'DELETE', '/councils/nobody'],
  ['an unknown field', 'deliberation.submit', { ...run, colour: 'red' }, 'POST', '/deliberations'],
  ['an unknown role', 'deliberation.submit', { ...run, role: 'poet' }, 'POST', '/deliberations'],
  ['a field out of range', 'council.create', { role: 'DEV', num_agents: 99 }, 'POST', '/councils'],
  ['a cursor that is none', 'deliberation.list', { cursor: 'nonsense' }, 'GET', '/deliberations?cursor=nonsense'],
])('refuses %s in the words of HTTP', async (_, name, input, method, path) => {
  const overHttp = await app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: 'Bearer token', host: 'gateway.test', 'content-type': 'application/json' },
    ...(method === 'POST' && { payload: JSON.stringify(input) }),
  })
  expect(overHttp.statusCode).toBeGreaterThanOrEqual(400)
  expect(await ask(name, input)).toEqual(overHttp.json())
})

it.each([
  ['no command', 'deliberation.launch', { command_id: 'a-command-id', input: {} }, { code: 'not-found' }],
  ['no question', 'deliberation.list', { input: {} }, { code: 'invalid-input', field: 'command_id' }],
])('refuses what is %s', async (_, name, question, error) => {
  const subject = `${opened.prefix}.${commandSubject(name)}`
  const answer = await connection.request(subject, JSON.stringify(question), { timeout: 20_000 })
  expect(answer.json()).toMatchObject({ error })
})

it('says so when a reply is more than a message can carry', async () => {
  const submitted = await done('deliberation.submit', { ...waited, num_agents: 1, task: 'Write without end.' })
  const task_id = idOf(submitted)
  expect(submitted).toMatchObject({ status: 'COMPLETED' })
  expect(await ask('deliberation.export', { task_id })).toMatchObject({
    error: { code: 'unavailable', message: expect.stringContaining('Ask over HTTP') as string },
  })
})
