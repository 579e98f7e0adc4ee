import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { DeliberationBoard } from '../../cluster/messages/deliberation-views.ts'
import type { SubmitDeliberation } from '../../cluster/messages/deliberation.ts'
import type { Client } from '../../src-preload/contract/define.ts'
import type { ConsoleContract } from '../../src-preload/contract/index.ts'
import { connectTo } from '../servers/client.ts'
import { type RunningHost, startHost } from '../servers/host.ts'
import { type Behaviour, phaseOf, type ScriptedEndpoint, startScriptedEndpoint } from '../servers/scripted-endpoint.ts'

type Console = Client<ConsoleContract>

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function setUp(): Promise<{ dataDir: string; endpoint: ScriptedEndpoint }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-fault-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  const endpoint = await startScriptedEndpoint()
  undo.push(() => endpoint.stop())
  return { dataDir, endpoint }
}

async function open(dataDir: string): Promise<{ running: RunningHost; host: Console }> {
  const running = await startHost(dataDir)
  undo.push(() => running.kill())
  const client = await connectTo(running)
  undo.push(async () => {
    await Promise.resolve()
    client.close()
  })
  return { running, host: client.host }
}

async function connectEndpoint(host: Console, endpoint: ScriptedEndpoint): Promise<string> {
  const { engine_id } = await host.model.saveEndpoint({ name: 'Scripted', base_url: endpoint.baseUrl, parallel: 8 })
  return engine_id
}

let commands = 0
const submit = async (host: Console, engine_id: string, run: Partial<SubmitDeliberation> = {}): Promise<string> => {
  const model = { engine_id, model: 'scripted-7b' }
  const { task_id } = await host.deliberation.submit({
    command_id: `fault-spec-${++commands}`,
    run: { task: 'Design a retry policy.', role: 'DEV', model, ...run },
  })
  return task_id
}

const terminal = ['COMPLETED', 'FAILED', 'TIMEOUT', 'CANCELLED']
async function ended(host: Console, task_id: string, timeout = 60_000): Promise<DeliberationBoard> {
  await expect
    .poll(async () => terminal.includes((await host.deliberation.get({ task_id })).row.status), { timeout, interval: 100 })
    .toBe(true)
  return await host.deliberation.get({ task_id })
}

describe('a host that is killed', () => {
  it.each(['propose', 'critique', 'revise', 'score', 'select'])(
    'while models work in phase %s… goes on after a restart and counts every answer once',
    async (phase) => {
      const { dataDir, endpoint } = await setUp()
      let held = 0
      endpoint.behave((request): Behaviour => {
        if (phaseOf(request) !== phase) return { kind: 'answer' }
        held++
        return phase === 'select' || held >= 2 ? { kind: 'silence' } : { kind: 'answer' }
      })
      const first = await open(dataDir)
      const engineId = await connectEndpoint(first.host, endpoint)
      const taskId = await submit(first.host, engineId, {
        rounds: 1,
        options: { selection: 'architect' },
        limits: { timeout_seconds: 120 },
      })
      await expect.poll(() => held, { timeout: 30_000 }).toBeGreaterThanOrEqual(phase === 'select' ? 1 : 2)
      await first.running.kill()

      endpoint.behave(() => ({ kind: 'answer' }))
      const second = await open(dataDir)
      const board = await ended(second.host, taskId)
      expect({
        status: board.row.status,
        partial: board.row.partial,
        done: board.calls.filter((call) => call.status === 'done').length,
        ids: new Set(board.calls.map((call) => call.id)).size,
        ranks: board.ranking.map((one) => one.rank),
      }).toEqual({ status: 'COMPLETED', partial: false, done: 13, ids: 13, ranks: [1, 2, 3] })
    },
  )

  it('past the deadline of a run ends that run as TIMEOUT after the restart, with what had arrived', async () => {
    const { dataDir, endpoint } = await setUp()
    let answered = 0
    endpoint.behave(() => (answered++ < 2 ? { kind: 'answer' } : { kind: 'silence' }))
    const first = await open(dataDir)
    const engineId = await connectEndpoint(first.host, endpoint)
    const taskId = await submit(first.host, engineId, { limits: { timeout_seconds: 5 } })
    await expect
      .poll(
        async () =>
          (await first.host.deliberation.get({ task_id: taskId })).calls.filter((call) => call.status === 'done').length,
        { timeout: 20_000 },
      )
      .toBe(2)
    await first.running.kill()
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const second = await open(dataDir)
    const board = await ended(second.host, taskId)
    expect([board.row.status, board.row.partial, board.ranking.length]).toEqual(['TIMEOUT', true, 2])
  })

  it('right after it accepted a run has not lost it', async () => {
    const { dataDir, endpoint } = await setUp()
    const first = await open(dataDir)
    const engineId = await connectEndpoint(first.host, endpoint)
    const taskIds = await Promise.all([1, 2, 3].map(() => submit(first.host, engineId, { rounds: 0 })))
    await first.running.kill()
    const second = await open(dataDir)
    for (const taskId of taskIds) expect((await ended(second.host, taskId)).row.status).toBe('COMPLETED')
  })
})

describe('an endpoint', () => {
  const faults: [string, Behaviour, string][] = [
    ['answers 429', { kind: 'status', status: 429, retryAfter: '0' }, 'rate_limited'],
    ['answers 500', { kind: 'status', status: 500 }, 'server_error'],
    ['sends malformed JSON', { kind: 'malformed' }, 'server_error'],
    ['cuts the stream', { kind: 'cut' }, 'connection'],
    ['never answers', { kind: 'silence' }, 'timeout'],
  ]
  it.each(faults)('that %s fails one agent after bounded tries while the rest go on', async (_name, fault, errorType) => {
    const { dataDir, endpoint } = await setUp()
    const { host } = await open(dataDir)
    const engineId = await connectEndpoint(host, endpoint)
    let victim: string | undefined
    let tries = 0
    endpoint.behave((request) => {
      const prompt = JSON.stringify(request.messages)
      if (phaseOf(request) !== 'propose') return { kind: 'answer' }
      victim ??= prompt
      if (prompt !== victim) return { kind: 'answer' }
      tries++
      return fault
    })
    const taskId = await submit(host, engineId, {
      rounds: 0,
      agents: ['one', 'two', 'three'].map((persona) => ({
        model: { engine_id: engineId, model: 'scripted-7b' },
        persona: `You are ${persona}.`,
      })),
      limits: { call_timeout_seconds: 1, max_retries: 1, timeout_seconds: 60 },
    })
    const board = await ended(host, taskId)
    const failed = board.calls.filter((call) => call.status === 'failed')
    expect({
      status: board.row.status,
      partial: board.row.partial,
      failed: failed.length,
      ranked: board.ranking.length,
      tries,
    }).toEqual({
      status: 'COMPLETED',
      partial: true,
      failed: 1,
      ranked: 2,
      tries: 2,
    })
    expect(failed[0]).toMatchObject({ error_type: errorType, attempts: 2 })
  })

  it('that is away for a while delays its runs and fails none', async () => {
    const { dataDir, endpoint } = await setUp()
    const { host } = await open(dataDir)
    const engineId = await connectEndpoint(host, endpoint)
    let backAt = 0
    endpoint.behave(() => {
      backAt ||= Date.now() + 1500
      return Date.now() < backAt ? { kind: 'status', status: 503 } : { kind: 'answer' }
    })
    const taskId = await submit(host, engineId, { rounds: 0, limits: { max_retries: 0 } })
    const { row, calls } = await ended(host, taskId)
    expect([row.status, row.partial, new Set(calls.map(({ attempts }) => attempts))]).toEqual(['COMPLETED', false, new Set([1])])
  })

  it('check 8: that fails everyone makes the run FAILED with the cause of each', async () => {
    const { dataDir, endpoint } = await setUp()
    const { host } = await open(dataDir)
    const engineId = await connectEndpoint(host, endpoint)
    endpoint.behave(() => ({ kind: 'status', status: 503 }))
    const taskId = await submit(host, engineId, { limits: { max_retries: 0, call_timeout_seconds: 1 } })
    const board = await ended(host, taskId)
    expect(board.row.status).toBe('FAILED')
    for (const agent of ['agent-001', 'agent-002', 'agent-003']) expect(board.row.message).toContain(agent)
    expect(board.row.message).toContain('503')
  })
})

describe('a second console', () => {
  it('on the same data directory says who has it open, and the first goes on', async () => {
    const { dataDir } = await setUp()
    const { running, host } = await open(dataDir)
    await expect(startHost(dataDir)).rejects.toThrow(new RegExp(`${running.pid}`))
    expect((await host.settings.disk({})).data_dir).toBe(dataDir)
  })
})

describe('a host that is asked to stop', () => {
  it('ends cleanly and leaves the directory to the next one', async () => {
    const { dataDir } = await setUp()
    const first = await startHost(dataDir)
    expect(await first.stop()).toBe(0)
    const second = await startHost(dataDir)
    expect(await second.stop()).toBe(0)
  })
})
