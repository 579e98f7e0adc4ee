import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { sampleWork } from '../../ports/conformance/samples.ts'
import { openSqliteBatchRequests } from './batch-requests.ts'
import { openSqliteContext } from './context.ts'

const ROUNDS = 6
const writerModule = new URL('./writer-thread.ts', import.meta.url)

it(
  'keeps every acknowledged entry, once and in order, when the process is killed at any moment',
  { timeout: 60_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-killed-'))
    const file = join(directory, 'context.db')
    const acknowledged: string[] = []
    for (let round = 0; round < ROUNDS; round++)
      acknowledged.push(
        ...(await printedUntilKilled(new URL('./append-until-killed.ts', import.meta.url), file, 1 + Math.random() * 200)),
      )

    const context = await openSqliteContext({ file, writerModule })
    const stored = await context.log.readAfter(0, Number.MAX_SAFE_INTEGER)
    await context.close()
    await rm(directory, { recursive: true })

    expect(acknowledged.length).toBeGreaterThan(ROUNDS)
    const ids = stored.flatMap((entry) => entry.events.map((event) => event.id))
    expect(new Set(ids).size).toBe(ids.length)
    const lines = new Set(stored.map((entry) => `${entry.sequence} ${entry.events[0]?.id ?? ''}`))
    expect(acknowledged.filter((line) => !lines.has(line))).toEqual([])
    for (const subject of ['run.a', 'run.b', 'run.c']) {
      const numbers = stored.filter((entry) => entry.subject === subject).map((entry) => entry.events[0]?.data)
      expect(numbers).toEqual(numbers.map((_, number) => ({ number })))
    }
  },
)

it('hands work that a killed process held out again at once', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-killed-'))
  const file = join(directory, 'context.db')
  const { signal } = new AbortController()
  const before = await openSqliteContext({ file, writerModule })
  await before.work.publish('a', sampleWork('run', 'a'))
  await before.work.pull(3_600_000, signal)
  await before.close()

  const after = await openSqliteContext({ file, writerModule })
  expect((await after.work.pull(3_600_000, signal))?.deliveries).toBe(2)
  await after.close()
  await rm(directory, { recursive: true })
})

it('keeps every recorded outcome of a batch, once, when the process is killed at any moment', { timeout: 60_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-killed-'))
  const file = join(directory, 'batches.db')
  const recorded: string[] = []
  for (let round = 0; round < ROUNDS; round++)
    recorded.push(
      ...(await printedUntilKilled(new URL('./record-until-killed.ts', import.meta.url), file, 1 + Math.random() * 200)),
    )

  const store = await openSqliteBatchRequests({ file, writerModule, onFault: (fault) => expect.unreachable(String(fault)) })
  const answers = new Map<string, string | null>()
  for await (const { n, outcome } of store.requests.all('batch_1', { states: ['completed'] }))
    answers.set(`${n}`, outcome?.body ?? '')
  const counts = await store.requests.counts('batch_1')
  await store.close()
  await rm(directory, { recursive: true })

  expect(recorded.length).toBeGreaterThan(ROUNDS)
  expect(new Set(recorded).size).toBe(recorded.length)
  expect(recorded.filter((n) => answers.get(n) !== `"answer ${n}"`)).toEqual([])
  expect(counts).toMatchObject({ total: 50_000, completed: answers.size, tokens_out: answers.size * 10 })
})

/** Lines that the program printed before SIGKILL, which comes `lifeMs` after its first. */
async function printedUntilKilled(program: URL, file: string, lifeMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(program), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (printed === '') setTimeout(() => child.kill('SIGKILL'), lifeMs)
    printed += text
  })
  await new Promise((resolve) => child.once('close', resolve))
  return printed.split('\n').slice(0, -1)
}
