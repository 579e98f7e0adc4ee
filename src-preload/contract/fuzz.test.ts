import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelPair } from '../channel/channel.ts'
import { serve, type Report } from '../channel/server.ts'
import type { Contract, Handlers } from './define.ts'
import { consoleContract, type ConsoleContract } from './index.ts'
import { reply, request, wireVersion, type Reply } from './wire.ts'

const contract: Contract = consoleContract
const methods = Object.entries(contract).flatMap(([feature, shapes]) => Object.keys(shapes).map((name) => `${feature}.${name}`))
const prototypeNames = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf']
const strangeMethods = [
  ...prototypeNames,
  ...prototypeNames.flatMap((name) => [`${name}.${name}`, `deliberation.${name}`, `${name}.submit`]),
]

/** Handlers that note what got through to them, and answer with nothing of use. */
function noting(reached: { method: string; input: unknown }[]): Handlers<ConsoleContract> {
  const features = Object.entries(contract).map(([feature, shapes]) => [
    feature,
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        (input: unknown) => {
          reached.push({ method: `${feature}.${name}`, input })
          return shape.kind === 'call' ? Promise.resolve(undefined) : none()
        },
      ]),
    ),
  ])
  return Object.fromEntries(features) as Handlers<ConsoleContract>
}

async function* none(): AsyncGenerator<never> {
  await Promise.resolve()
  yield* []
}

const names = ['task_id', 'run', 'command_id', 'query', 'limit', 'offset', 'sha256', 'id', 'role', 'name', ...prototypeNames]
const input = fc.oneof(
  fc.constant({}),
  fc.anything({ withNullPrototype: true, withBigInt: true }),
  fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.object({ maxDepth: 2 }))),
)
const method = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...methods) },
  { weight: 2, arbitrary: fc.constantFrom(...strangeMethods) },
  { weight: 1, arbitrary: fc.string({ maxLength: 300 }) },
)
const frame = fc.oneof(
  { weight: 40, arbitrary: fc.record({ type: fc.constant('start'), id: fc.nat(), method, input }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('cancel'), id: fc.nat(100) }) },
  { weight: 2, arbitrary: fc.constant({ type: 'ping' }) },
  { weight: 1, arbitrary: fc.anything() },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom('start', 'hello', 'toString'), id: fc.anything(), method: fc.anything() }),
  },
)

const FRAMES = 25
const isFinal = (message: Reply): message is Extract<Reply, { type: 'result' | 'end' | 'error' }> =>
  message.type === 'result' || message.type === 'end' || message.type === 'error'

/** One page that sends what it likes; resolves when everything it asked is answered or the host has hung up. */
async function conversation(frames: readonly unknown[]) {
  const reached: { method: string; input: unknown }[] = []
  const reports: Report[] = []
  const replies: Reply[] = []
  const [page, host] = channelPair()
  let hungUp = false
  page.onMessage((message) => replies.push(reply.parse(message)))
  page.onClose(() => (hungUp = true))
  serve(consoleContract, noting(reached), host, { report: (report) => reports.push(report) })
  page.send({ type: 'hello', version: wireVersion })
  for (const one of frames) page.send(one)
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
  return { reached, reports, replies, isOpen: !hungUp }
}

// Four times 2,500 frames; a failure names its seed and path.
describe.each([1, 2, 3, 4])('2,500 fuzzed messages to the host, part %i', (part) => {
  it('are each answered once or refused, and no handler sees what its contract does not allow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: FRAMES, maxLength: FRAMES }), async (frames) => {
        const { reached, replies, isOpen } = await conversation(frames)
        for (const { method: name, input: given } of reached) {
          const [feature = '', one = ''] = name.split('.')
          expect(contract[feature]?.[one]?.input.safeParse(given).success).toBe(true)
        }
        const asked = frames.flatMap((one) => request.safeParse(one).data ?? [])
        const started = new Map<number, number>()
        for (const one of asked) if (one.type === 'start') started.set(one.id, (started.get(one.id) ?? 0) + 1)
        const cancelled = new Set(asked.map((one) => (one.type === 'cancel' ? one.id : null)))
        const answered = new Map<number, number>()
        for (const message of replies) if (isFinal(message)) answered.set(message.id, (answered.get(message.id) ?? 0) + 1)
        for (const [id, count] of answered) expect(count).toBeLessThanOrEqual(started.get(id) ?? 0)
        if (isOpen) for (const [id, count] of started) if (!cancelled.has(id)) expect([id, answered.get(id)]).toEqual([id, count])
      }),
      { numRuns: 2_500 / FRAMES, seed: 20_261_125 + part, endOnFailure: true },
    )
  })
})

it.each(strangeMethods)('The method %s is refused as unknown and reaches nothing', async (name) => {
  const { reached, reports, replies } = await conversation([{ type: 'start', id: 1, method: name, input: {} }])
  expect(reached).toEqual([])
  expect(reports).toEqual([{ kind: 'unknown-method', method: name }])
  expect(replies.filter(isFinal)).toMatchObject([{ type: 'error', id: 1, code: 'not-found' }])
})
