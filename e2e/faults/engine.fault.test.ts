import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { connectTo } from '../servers/client.ts'
import { startHost } from '../servers/host.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** The engine is the host's one child process. */
async function enginePid(hostPid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${hostPid}/task/${hostPid}/children`, 'utf8')
  return children.trim() === '' ? undefined : Number(children.trim().split(' ')[0])
}

async function openHost(...args: string[]) {
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-engine-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  const running = await startHost(dataDir, {}, args)
  undo.push(() => running.stop())
  return running
}

async function launch(max_retries: number) {
  const running = await openHost()
  const client = await connectTo(running)
  const { task_id } = await client.host.deliberation.submit({
    command_id: `engine-spec-${Date.now()}`,
    run: { task: 'Name three ways to make HTTP retries safe.', role: 'DEV', num_agents: 1, rounds: 0, limits: { max_retries } },
  })
  return { running, host: client.host, task_id }
}

type Launched = Awaited<ReturnType<typeof launch>>

/** Kills the engine as soon as it has written something. */
async function killWhileWriting({ running, host, task_id }: Launched): Promise<void> {
  const stop = new AbortController()
  let text = ''
  for await (const update of host.deliberation.watchLive({ task_id }, stop.signal)) {
    const pieces =
      update.type === 'snapshot'
        ? update.calls.map((call) => call.text)
        : update.messages.map((one) => ('text' in one ? one.text : ''))
    text += pieces.join('')
    if (text.length > 20) break
  }
  stop.abort()
  const pid = await enginePid(running.pid)
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}

async function ended({ host, task_id }: Launched) {
  const terminal = ['COMPLETED', 'FAILED', 'TIMEOUT']
  await expect
    .poll(async () => terminal.includes((await host.deliberation.get({ task_id })).row.status), {
      timeout: 120_000,
      interval: 200,
    })
    .toBe(true)
  return await host.deliberation.get({ task_id })
}

describe('an engine process that is killed in the middle of an answer', () => {
  it('is started again, and the call is tried again', async () => {
    const launched = await launch(2)
    await killWhileWriting(launched)
    const board = await ended(launched)
    expect([board.row.status, board.calls.map((call) => [call.status, call.attempts])]).toEqual(['COMPLETED', [['done', 2]]])
  })

  it('every time becomes a failed agent that says so', async () => {
    const launched = await launch(0)
    await killWhileWriting(launched)
    const board = await ended(launched)
    expect([board.row.status, board.calls.map((call) => [call.status, call.error_type])]).toEqual([
      'FAILED',
      [['failed', 'engine_crashed']],
    ])
  })

  it('under a batch costs none of its requests an answer or a second one', async () => {
    const running = await openHost('--gateway-port', '0')
    const { url = '', token = '' } = running.gateway ?? {}
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', `Bearer ${token}`)
      return await fetch(url + path, { ...init, headers })
    }
    const read = async (id: string) => batchObject.parse(await (await ask(`/v1/batches/${id}`)).json())
    const form = new FormData()
    form.set('purpose', 'batch')
    form.set('file', new Blob(Array.from({ length: REQUESTS }, (_, n) => requestLine(n))), 'input.jsonl')
    const file = stored.parse(await (await ask('/v1/files', { method: 'POST', body: form })).json())
    const created = await ask('/v1/batches', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }),
    })
    const { id } = stored.parse(await created.json())
    await expect
      .poll(async () => (await read(id)).request_counts.completed, { timeout: 120_000, interval: 50 })
      .toBeGreaterThan(2)
    const pid = await enginePid(running.pid)
    if (pid === undefined) throw new Error('No engine runs.')
    process.kill(pid, 'SIGKILL')
    await expect.poll(async () => (await read(id)).status, { timeout: 180_000, interval: 200 }).toBe('completed')
    const batch = await read(id)
    expect(batch.request_counts).toEqual({ total: REQUESTS, completed: REQUESTS, failed: 0 })
    const lines = (await (await ask(`/v1/files/${batch.output_file_id ?? ''}/content`)).text()).trimEnd().split('\n')
    const ids = lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id)
    expect([ids.length, new Set(ids).size]).toEqual([REQUESTS, REQUESTS])
  })
})

const REQUESTS = 30
const stored = z.object({ id: z.string() })
const batchObject = z.object({
  status: z.string(),
  output_file_id: z.string().nullish(),
  request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
})

function requestLine(n: number): string {
  const messages = [{ role: 'user', content: `Tell me about the number ${n}.` }]
  const body = { model: 'smollm2-135m-instruct', max_tokens: 24, messages }
  return `${JSON.stringify({ custom_id: `row-${n}`, method: 'POST', url: '/v1/chat/completions', body })}\n`
}
