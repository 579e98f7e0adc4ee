import { afterEach, expect, it } from 'vitest'
import { createScriptedEngines, type Script } from '../../adapters/memory/engines.ts'
import { createMemoryLiveChannel } from '../../adapters/memory/live-channel.ts'
import { createMemoryAnswers, createMemoryWorkQueue } from '../../adapters/memory/queues.ts'
import { systemClock } from '../../adapters/system/clock.ts'
import { sampleWork } from '../../ports/conformance/samples.ts'
import type { Answers } from '../../ports/answers.ts'
import { ModelCallError } from '../../ports/engines.ts'
import { UnavailableError } from '../../ports/errors.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { UndeliveredAnswer } from './publish-answer.ts'
import { runWorker } from './worker.ts'

const forMinutes = () => Date.now() + 600_000
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A worker over memory queues; `stop` asks it to stop and waits for that. */
function start(script: Script, options: { graceMs?: number; work?: WorkQueue; answers?: Partial<Answers> } = {}) {
  const work = options.work ?? createMemoryWorkQueue()
  const answers = { ...createMemoryAnswers(), ...options.answers }
  const faults: unknown[] = []
  const stopping = new AbortController()
  const running = runWorker(
    {
      work,
      answers,
      engines: createScriptedEngines(script),
      live: createMemoryLiveChannel(),
      clock: systemClock,
      jitter: () => 0,
    },
    { slots: 1, leaseMs: 100, graceMs: options.graceMs ?? 0, onFault: (fault) => faults.push(fault) },
    stopping.signal,
  )
  const stop = async () => {
    stopping.abort()
    await running
  }
  stops.push(stop)
  const take = () => answers.take(60_000, AbortSignal.timeout(5_000))
  return { work, answers, faults, stop, take }
}

const publish = (work: WorkQueue, agent: string, deadline = forMinutes()) =>
  work.publish(`run.${agent}`, { ...sampleWork('run', agent), deadline })

it('finishes what it holds when it is asked to stop, and takes nothing more', async () => {
  const begun = Promise.withResolvers<true>()
  const answer = Promise.withResolvers<string>()
  const { work, stop, take } = start(
    () => {
      begun.resolve(true)
      return answer.promise
    },
    { graceMs: 60_000 },
  )
  await publish(work, 'a')
  await publish(work, 'b')
  await begun.promise
  const stopped = stop()
  answer.resolve('Done in time.')
  await stopped
  expect((await take())?.message).toMatchObject({ kind: 'completed', agent_id: 'a', content: 'Done in time.' })
  expect(await work.depth()).toEqual({ waiting: 1, leased: 0 })
})

it('hands back what it cannot finish in its grace', async () => {
  const begun = Promise.withResolvers<true>()
  const { work, stop } = start(
    (_call, _tries, signal) => {
      begun.resolve(true)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    },
    { graceMs: 10 },
  )
  await publish(work, 'a')
  await begun.promise
  await stop()
  expect(await work.depth()).toEqual({ waiting: 1, leased: 0 })
})

it('keeps an answer while the queue of answers is away, and publishes it once that is back', async () => {
  const stored = createMemoryAnswers()
  let tries = 0
  const { work, answers, faults } = start(() => 'Kept.', {
    answers: {
      ...stored,
      publish: (id, message) => {
        if (++tries < 3) return Promise.reject(new UnavailableError('away'))
        return stored.publish(id, message)
      },
    },
  })
  await publish(work, 'a')
  expect((await answers.take(60_000, AbortSignal.timeout(5_000)))?.message).toMatchObject({ kind: 'completed', content: 'Kept.' })
  expect([tries, faults.length]).toEqual([3, 2])
  await expect.poll(() => work.depth()).toEqual({ waiting: 0, leased: 0 })
})

it('says so when an answer could not be published until the deadline, and leaves its item to others', async () => {
  const { work, faults } = start(() => 'Too late.', { answers: { publish: () => Promise.reject(new UnavailableError('away')) } })
  await publish(work, 'a', Date.now() + 400)
  await expect.poll(() => faults.filter((fault) => fault instanceof UndeliveredAnswer), { timeout: 5_000 }).toHaveLength(1)
  expect(await work.depth()).not.toEqual({ waiting: 0, leased: 0 })
})

it('answers for an item that nobody lived to answer, and parks it; replayed it is called like any other', async () => {
  let calls = 0
  const work = createMemoryWorkQueue()
  await publish(work, 'a')
  for (let worker = 0; worker < 5; worker++) await (await work.pull(60_000, AbortSignal.timeout(5_000)))?.release(0)
  const { take } = start(() => `Call ${++calls}.`, { work })
  const answer = await take()
  expect(answer?.message).toMatchObject({ kind: 'failed', error: expect.stringContaining('5 times') as string })
  await answer?.ack()
  await expect.poll(async () => (await work.deadLetters()).map(({ id }) => id)).toEqual(['run.a'])
  expect(await work.replay('run.a')).toBe(true)
  await expect.poll(() => calls).toBe(1)
})

it('waits for an engine that is away, and counts only the try that it answered', async () => {
  const { work, take } = start((_call, tries) => {
    if (tries < 3)
      throw new ModelCallError('connection', 'Lab: cannot be reached.', { retryable: true, engineAway: true, retryAfterMs: 20 })
    return 'Back.'
  })
  await work.publish('run.a', { ...sampleWork('run', 'a'), deadline: forMinutes(), max_retries: 0 })
  expect((await take())?.message).toMatchObject({ kind: 'completed', content: 'Back.', metrics: { attempts: 1 } })
})

it('gives up an engine that stays away for longer than a call may take, with the cause', async () => {
  const { work, take } = start(() => {
    throw new ModelCallError('connection', 'Lab: cannot be reached.', { retryable: true, engineAway: true, retryAfterMs: 20 })
  })
  await work.publish('run.a', { ...sampleWork('run', 'a'), deadline: forMinutes(), max_retries: 2, timeout_ms: 100 })
  expect((await take())?.message).toMatchObject({
    kind: 'failed',
    error_type: 'connection',
    error: expect.stringContaining('Lab: cannot be reached.') as string,
  })
})

it('names the limit where it cut the JSON that was asked for', async () => {
  const { work, take } = start(() => '{ "reason": "it went')
  const format = { name: 'reasons', schema: { type: 'object' } }
  await work.publish('run.a', { ...sampleWork('run', 'a'), deadline: forMinutes(), format, max_tokens: 4 })
  expect((await take())?.message).toMatchObject({
    error_type: 'invalid_output',
    error: expect.stringContaining('it ends at the limit of 4 tokens: it does not parse') as string,
  })
})
