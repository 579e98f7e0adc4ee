import { nanos, nkeys } from 'nats.ws'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startNatsServer } from '../../../e2e/servers/nats.ts'
import type { NatsServer } from '../../../e2e/servers/nats.ts'
import type { LiveMessage } from '../../messages/live.ts'
import { workId } from '../../messages/work.ts'
import { sampleAnswer, sampleEvent, sampleWork } from '../../ports/conformance/samples.ts'
import { UnavailableError } from '../../ports/errors.ts'
import { MAX_ENTRY_BYTES } from '../../ports/event-log.ts'
import { directly, openContextUnderTest } from './context-under-test.ts'
import type { ContextUnderTest } from './context-under-test.ts'
import { openNatsContext } from './context.ts'
import type { NatsContext } from './context.ts'

let server: NatsServer
let opened: ContextUnderTest
let context: NatsContext
let stop: AbortController

beforeAll(async () => {
  server = await startNatsServer()
}, 300_000)
afterAll(() => server.stop())
beforeEach(async () => {
  opened = await openContextUnderTest(server.url)
  context = opened.context()
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await opened.close()
})
const openAnother = () => openNatsContext({ servers: [server.url], prefix: opened.prefix, onProblem: () => undefined })

describe('with other processes on the same server', () => {
  it('hands each item to one of all the workers', async () => {
    const other = await openAnother()
    const ids = Array.from({ length: 200 }, (_, index) => `run.${index}`)
    const taken: string[] = []
    const work = async ({ work }: NatsContext) => {
      for (;;) {
        const delivery = await work.pull(60_000, AbortSignal.any([stop.signal, AbortSignal.timeout(1_000)]))
        if (!delivery) return
        taken.push(delivery.id)
        await delivery.ack()
      }
    }
    const workers = [context, context, other, other].map(work)
    await Promise.all(ids.map((id, index) => context.work.publish(id, sampleWork('run', String(index)))))
    await Promise.all(workers)
    await other.close()
    expect(taken.sort()).toEqual(ids.sort())
  })

  it('takes a second attempt of a call for an item of its own, and withdraws it with its run', async () => {
    const attempt = (number: number) => ({ ...sampleWork('run', 'agent-1'), attempt: number })
    const publish = (number: number) => context.work.publish(workId(attempt(number)), attempt(number))
    expect(await publish(1)).toBe('accepted')
    await (await context.work.pull(60_000, stop.signal))?.ack()
    expect([await publish(1), await publish(2), await publish(2)]).toEqual(['duplicate', 'accepted', 'duplicate'])
    const held = await context.work.pull(60_000, stop.signal)
    expect([held?.id, held?.message.attempt]).toEqual(['run.1.propose.agent-1.2', 2])
    await context.work.withdraw('run')
    expect(await held?.extend()).toBe('gone')
  })

  it('takes the lease from a worker elsewhere whose item is withdrawn', async () => {
    const other = await openAnother()
    await context.work.publish('run.a', sampleWork('run', 'a'))
    const held = await other.work.pull(60_000, stop.signal)
    expect(await held?.extend()).toBe('held')
    await context.work.withdraw('run')
    expect(await held?.extend()).toBe('gone')
    await other.close()
  })

  it('hands out the answers of both kinds', async () => {
    await context.answers.publish('run.a', sampleAnswer('run', 'a'))
    await context.answers.publish('run.b', completedAnswer('b', 'Yes.'))
    const kinds = [await context.answers.take(60_000, stop.signal), await context.answers.take(60_000, stop.signal)]
    expect(kinds.map((delivery) => delivery?.message.kind).sort()).toEqual(['completed', 'failed'])
  })

  it('carries an answer of 2 MB', async () => {
    const answer = completedAnswer('a', 'ü'.repeat(1_000_000))
    await context.answers.publish('run.a', answer)
    const delivery = await context.answers.take(60_000, stop.signal)
    expect(delivery?.message).toEqual(answer)
    await delivery?.ack()
    const bodies = await directly(server.url, async (_, jsm) => jsm.streams.info(`OBJ_${opened.prefix}-signalbox-bodies`))
    expect(bodies.state.messages).toBe(0)
  })

  it('parks and replays an answer of 2 MB', async () => {
    const answer = completedAnswer('a', 'x'.repeat(2_000_000))
    await context.answers.publish('run.a', answer)
    await (await context.answers.take(60_000, stop.signal))?.park('nobody expects it')
    expect(await context.answers.replay('run.a')).toBe(true)
    expect((await context.answers.take(60_000, stop.signal))?.message).toEqual(answer)
  })

  it('takes an answer that another program published without an id of ours', async () => {
    const answer = sampleAnswer('run', 'a')
    await publishRaw('agent.response.failed', JSON.stringify(answer))
    expect(await context.answers.take(60_000, stop.signal)).toMatchObject({ id: 'run.1.propose.a', message: answer })
  })

  it.each([
    ['no JSON', 'agent.response.completed says: hello'],
    ['another shape', '{"kind":"completed"}'],
  ])('parks what another program published as %s, says so and goes on', async (_, text) => {
    await publishRaw('agent.response.failed', text)
    await context.answers.publish('run.a', sampleAnswer('run', 'a'))
    expect((await context.answers.take(60_000, stop.signal))?.id).toBe('run.a')
    expect(opened.problems.map(String)).toEqual([expect.stringContaining('it is parked')])
    const letter = await lastOn('DELIBERATIONS', 'deliberation.dead-letter')
    expect(letter).toMatchObject({
      queue: 'answers',
      deliveries: 1,
      reason: expect.stringContaining('none that Signalbox knows') as string,
    })
  })
})

describe('the live channel', () => {
  const base = { task_id: 'run', id: 'run.1.propose.agent-1', at: 1 }

  it('shows other processes what is published, in order, and stores nothing', async () => {
    const other = await openAnother()
    const seen: LiveMessage[] = []
    other.live.subscribe((message) => seen.push(message))
    await other.state.get('settled')
    const messages: LiveMessage[] = [
      { kind: 'queued', ...base },
      { kind: 'started', ...base, attempt: 1 },
      { kind: 'delta', ...base, position: 0, text: 'He' },
      { kind: 'delta', ...base, position: 2, text: 'llo' },
      { kind: 'ended', ...base },
    ]
    for (const message of messages) context.live.publish(message)
    await expect.poll(() => seen).toEqual(messages)
    await other.close()
  })

  it('tells boards on agent.response.progress where a call is', async () => {
    const told = await directly(server.url, async (connection) => {
      const progress: unknown[] = []
      connection.subscribe(`${opened.prefix}.agent.response.progress`, {
        callback: (_, message) => progress.push(message.json()),
      })
      await connection.flush()
      context.live.publish({ kind: 'started', ...base, attempt: 1 })
      context.live.publish({ kind: 'delta', ...base, position: 0, text: 'x' })
      context.live.publish({ kind: 'ended', ...base })
      await expect.poll(() => progress.length).toBe(2)
      return progress
    })
    const call = { task_id: 'run', agent_id: 'agent-1', phase: 'propose' }
    expect(told).toEqual([
      { ...call, progress_pct: 0, message: 'The engine answers.' },
      { ...call, progress_pct: 100, message: 'Ended.' },
    ])
  })

  it('ends a subscription', async () => {
    const seen: LiveMessage[] = []
    context.live.subscribe((message) => seen.push(message))()
    context.live.publish({ kind: 'ended', ...base })
    await context.state.get('settled')
    expect(seen).toEqual([])
  })
})

describe('what is set up on the server', () => {
  it('is made once and left alone when it is opened again', async () => {
    expect(context.differences).toEqual([])
    expect((await opened.reopen()).differences).toEqual([])
  })

  it('is told and not changed where it differs', async () => {
    const name = `${opened.prefix}_AGENT_COMMANDS`
    await directly(server.url, (_, jsm) => jsm.streams.update(name, { max_msgs: 5 }))
    expect((await opened.reopen()).differences).toEqual([{ name, setting: 'max_msgs', expected: 10_000, actual: 5 }])
    expect((await directly(server.url, (_, jsm) => jsm.streams.info(name))).config.max_msgs).toBe(5)
  })

  it('is refused where the ports could not keep their promises', async () => {
    const prefix = `${opened.prefix}-bad`
    await directly(server.url, (_, jsm) =>
      jsm.streams.add({ name: `${prefix}_AGENT_WORK`, subjects: [`${prefix}.agent.work.>`] }),
    )
    await expect(openNatsContext({ servers: [server.url], prefix, onProblem: () => undefined })).rejects.toThrow(
      /AGENT_WORK has retention "limits" instead of "workqueue"/,
    )
  })

  it('lets nobody take the subjects of a stream', async () => {
    const prefix = `${opened.prefix}-taken`
    await directly(server.url, (_, jsm) =>
      jsm.streams.add({ name: `${prefix}-other`, subjects: [`${prefix}.context.>`], max_age: nanos(1e9) }),
    )
    await expect(openNatsContext({ servers: [server.url], prefix, onProblem: () => undefined })).rejects.toThrow(
      /refused to make the stream .*_CONTEXT: subjects overlap/,
    )
  })

  it('refuses a subject that no stream keeps', async () => {
    await expect(context.log.append('elsewhere.run', 0, [sampleEvent('1')])).rejects.toBeInstanceOf(RangeError)
  })

  it('is used within a smaller limit of the server, which is told', async () => {
    const small = await startNatsServer({ maxPayloadBytes: 1024 * 1024 })
    const there = await openNatsContext({ servers: [small.url], onProblem: () => undefined })
    expect(there.differences).toMatchObject([{ name: 'server', setting: 'max_payload' }])
    const event = sampleEvent('1', 'x'.repeat(MAX_ENTRY_BYTES - 500))
    await expect(there.log.append('signalbox.event.a', 0, [event])).rejects.toThrow(/raise its max_payload/)
    await there.close()
    await small.stop()
  })
})

describe('logging in', () => {
  // The client's types leave out those of its keys.
  const { createUser } = nkeys as { createUser: () => { getSeed(): Uint8Array; getPublicKey(): string } }
  const user = createUser()
  const seed = new TextDecoder().decode(user.getSeed())

  it.each([
    ['a token', { token: 'secret' }, { token: 'secret' }, { token: 'wrong' }],
    ['a key', { nkeys: [user.getPublicKey()] }, { nkeySeed: seed }, {}],
  ])('works with %s, and is refused without', async (_, options, right, wrong) => {
    const guarded = await startNatsServer(options)
    const open = (login: object) => openNatsContext({ servers: [guarded.url], onProblem: () => undefined, ...login })
    const there = await open(right)
    await guarded.halt('SIGKILL')
    await guarded.start()
    expect((await there.state.put('a', 1, 0)).kind).toBe('stored')
    await there.close()
    const refused = open(wrong)
    await expect(refused).rejects.toBeInstanceOf(UnavailableError)
    await expect(refused).rejects.toThrow(/refused the login/)
    await guarded.stop()
  })
})

function completedAnswer(agentId: string, content: string) {
  const { task_id, round, phase, role, num_agents, metrics } = sampleAnswer('run', agentId)
  return {
    kind: 'completed' as const,
    task_id,
    round,
    phase,
    agent_id: agentId,
    role,
    num_agents,
    metrics,
    content,
    reasoning: null,
    model: { engine_id: 'embedded', model: 'starter' },
    served_model: 'starter',
    finish: 'stop' as const,
    expected_scores: null,
    repaired: false,
    degraded: null,
  }
}

function publishRaw(subject: string, text: string): Promise<unknown> {
  return directly(server.url, (connection) => connection.jetstream().publish(`${opened.prefix}.${subject}`, text))
}

function lastOn(stream: string, subject: string): Promise<unknown> {
  return directly(server.url, async (_, jsm) => {
    const stored = await jsm.streams.getMessage(`${opened.prefix}_${stream}`, { last_by_subj: `${opened.prefix}.${subject}` })
    return stored.json()
  })
}
