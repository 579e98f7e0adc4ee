import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
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

async function launch(max_retries: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-engine-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  const running = await startHost(dataDir)
  undo.push(() => running.stop())
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
})
