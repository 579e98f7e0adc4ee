import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { connectTo } from '../servers/client.ts'
import { startHost } from '../servers/host.ts'
import { startScriptedEndpoint } from '../servers/scripted-endpoint.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function setUp() {
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-gateway-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  return dataDir
}

async function open(dataDir: string) {
  const running = await startHost(dataDir, {}, ['--gateway-port', '0'])
  undo.push(() => running.kill())
  if (!running.gateway) throw new Error('The line has no gateway.')
  const { url, token } = running.gateway
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } })
  return { running, token, url, ask }
}

/** A run at an endpoint that reads its requests and never answers. */
async function submitHeld(dataDir: string) {
  const endpoint = await startScriptedEndpoint()
  undo.push(() => endpoint.stop())
  endpoint.behave(() => ({ kind: 'silence' }))
  const opened = await open(dataDir)
  const client = await connectTo(opened.running)
  const { engine_id } = await client.host.model.saveEndpoint({ name: 'Scripted', base_url: endpoint.baseUrl, parallel: 8 })
  client.close()
  const body = JSON.stringify({ task: 'Design it.', role: 'DEV', model: { engine_id, model: 'scripted-7b' } })
  const { task_id } = (await (await opened.ask('/deliberations', { method: 'POST', body })).json()) as { task_id: string }
  return { ...opened, taskId: task_id }
}

describe('a host with --gateway-port', () => {
  it('names the gateway in its line, and keeps the token over restarts', async () => {
    const dataDir = await setUp()
    const first = await open(dataDir)
    expect(first.token).not.toBe(first.running.token)
    expect((await fetch(`${first.url}/health`)).status).toBe(200)
    expect((await fetch(`${first.url}/api/v1/status`)).status).toBe(401)
    expect((await first.ask('/status')).status).toBe(200)
    expect(await first.running.stop()).toBe(0)
    const second = await open(dataDir)
    expect(second.token).toBe(first.token)
  })

  it('stops at SIGTERM with streams open, and tells their followers why', async () => {
    const { running, ask, taskId } = await submitHeld(await setUp())
    const events = await ask(`/deliberations/${taskId}/events`)
    const text = events.text()
    expect(await running.stop()).toBe(0)
    expect(await text).toMatch(/^id: .*\nevent: snapshot\n[^]*event: dropped\ndata: \{"reason":"The host is stopping\."\}\n\n$/)
  })

  it('goes on when a follower goes away', async () => {
    const { ask, taskId } = await submitHeld(await setUp())
    const leaving = new AbortController()
    const events = await ask(`/deliberations/${taskId}/events`, { signal: leaving.signal })
    await events.body?.getReader().read()
    leaving.abort()
    expect(await (await ask(`/deliberations/${taskId}`)).json()).toMatchObject({ task_id: taskId, status: 'PENDING' })
    expect((await ask(`/deliberations/${taskId}/cancel`, { method: 'POST' })).status).toBe(200)
  })
})
