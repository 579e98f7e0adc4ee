import { execFileSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineProcess } from '../../ports/engine-process.ts'
import type { ModelCall, ModelCallEvents } from '../../ports/engines.ts'
import { ensureStarterModel } from '../catalogue/ensure-model.ts'
import type { ModelOnDisk } from '../engines/model-on-disk.ts'
import { systemClock } from '../system/clock.ts'
import { forkEngineByNode } from './fork-engine.ts'
import { createLlamaEngine, EMBEDDED_ENGINE_ID, type LlamaEngine } from './llama-engine.ts'

const REPOSITORY = join(import.meta.dirname, '../../..')
const MODELS = join(homedir(), '.cache/signalbox/models')

let starter: ModelOnDisk
let engine: LlamaEngine
const processes: EngineProcess[] = []

beforeAll(async () => {
  starter = await ensureStarterModel(join(REPOSITORY, 'resources/models/catalogue.json'), MODELS)
  const fork = forkEngineByNode(join(import.meta.dirname, 'engine-main.ts'))
  engine = createLlamaEngine({
    fork: () => {
      const process = fork()
      processes.push(process)
      return process
    },
    clock: systemClock,
    models: () =>
      Promise.resolve([starter, { ...starter, id: 'twin' }, { ...starter, id: 'damaged', file: import.meta.filename }]),
    threads: 1,
    contextTokens: 2048,
    sequences: 4,
    hungAfterMs: 60_000,
  })
}, 120_000)

afterAll(async () => engine.stop())

function ask(content: string, extra: Partial<ModelCall> = {}): ModelCall {
  return {
    model: { engine_id: EMBEDDED_ENGINE_ID, model: starter.id },
    messages: [{ role: 'user', content }],
    temperature: 0.7,
    maxTokens: 24,
    seed: 7,
    format: null,
    scoreField: null,
    ...extra,
  }
}

function listen(): ModelCallEvents & { texts: string[]; started: number } {
  const heard = { texts: [] as string[], started: 0 }
  return Object.assign(heard, { onStarted: () => (heard.started += 1), onText: (text: string) => void heard.texts.push(text) })
}

const never = new AbortController().signal
/** Other tests may have the machine. */
const PATIENT = { timeout: 20_000 }

const SCORES = {
  name: 'scores',
  schema: {
    type: 'object',
    properties: {
      scores: {
        type: 'array',
        minItems: 2,
        maxItems: 2,
        items: {
          type: 'object',
          properties: { criterion: { type: 'string', maxLength: 12 }, score: { type: 'integer', minimum: 0, maximum: 10 } },
        },
      },
    },
  },
}

describe('The embedded engine on the starter model', { timeout: 60_000 }, () => {
  it('streams an answer, counts its tokens, and gives the same answer for the same seed', async () => {
    const events = listen()
    const first = await engine.complete(ask('Say hello to the operators.'), events, never)
    expect(events.started).toBe(1)
    expect(events.texts.length).toBeGreaterThan(1)
    expect(events.texts.join('').trimEnd()).toBe(first.text)
    expect(first).toMatchObject({ reasoning: null, servedModel: starter.id, expectedScores: null, degraded: null })
    expect(first.tokensOut).toBeGreaterThan(3)
    expect(first.tokensOut).toBeLessThanOrEqual(25)
    expect(await engine.countTokens(starter.id, 'Say hello to the operators.')).toBeLessThan(first.tokensIn)
    const second = await engine.complete(ask('Say hello to the operators.'), listen(), never)
    expect(second.text).toBe(first.text)
  })

  it('ends with finish length when the answer is cut by its limit', async () => {
    expect(await engine.complete(ask('Count from one to a hundred.', { maxTokens: 5 }), listen(), never)).toMatchObject({
      finish: 'length',
    })
  })

  it('runs four calls side by side and keeps the fifth waiting for a sequence, in order', async () => {
    const granted: number[] = []
    const calls = Array.from({ length: 5 }, (_, index) =>
      engine.complete(
        ask(`Name ${index + 2} colours.`),
        { onStarted: () => void granted.push(index), onText: () => undefined },
        never,
      ),
    )
    await expect.poll(() => granted, PATIENT).toEqual([0, 1, 2, 3])
    expect(await engine.status()).toMatchObject({ state: 'ready', running: 4, waiting: 1, parallel: 4 })
    expect(await Promise.all(calls)).toHaveLength(5)
    expect(granted).toEqual([0, 1, 2, 3, 4])
    const status = await engine.status()
    expect(status.tokensPerSecond).toBeGreaterThan(0)
    expect(status.totalTokensPerSecond).toBeGreaterThan(0)
  })

  it('stops a call that is cancelled and frees its sequence', async () => {
    const cancel = new AbortController()
    const call = engine.complete(
      ask('Write a long story.', { maxTokens: 1000 }),
      { onStarted: () => undefined, onText: () => cancel.abort(new Error('enough')) },
      cancel.signal,
    )
    await expect(call).rejects.toThrow('enough')
    await expect.poll(async () => (await engine.status()).running, PATIENT).toBe(0)
  })

  it('keeps to the JSON schema and weighs every score by the probabilities of the model', async () => {
    const judge = (proposal: string) =>
      engine.complete(
        ask(`Score this plan for clarity and for safety, 0 is worst and 10 is best.\n\nPlan: ${proposal}`, {
          temperature: 0.2,
          maxTokens: 160,
          format: SCORES,
          scoreField: { field: 'score', min: 0, max: 10 },
        }),
        listen(),
        never,
      )
    const good = await judge(
      'Write each change to a log before answering, test recovery by killing the process, roll out to one host first.',
    )
    const nonsense = await judge('banana banana the of of cloud shoe 7 7 7 purple.')
    for (const reply of [good, nonsense]) {
      const parsed = JSON.parse(reply.text) as { scores: { score: number }[] }
      expect(parsed.scores).toHaveLength(2)
      expect(reply.finish).toBe('stop')
      expect(reply.expectedScores).toHaveLength(2)
      for (const score of reply.expectedScores ?? []) {
        expect(score).toBeGreaterThan(0)
        expect(score).toBeLessThan(10)
      }
    }
    expect(good.expectedScores).not.toEqual(nonsense.expectedScores)
  })

  it('ends an answer at a text, without it, and gives a JSON object of any shape', async () => {
    const count = 'Count from one to ten: 1, 2, 3,'
    const whole = await engine.complete(ask(count, { temperature: 0, maxTokens: 40 }), listen(), never)
    const end = whole.text.slice(4, 8)
    const events = listen()
    const cut = await engine.complete(ask(count, { temperature: 0, maxTokens: 40, stop: [end] }), events, never)
    expect(cut).toMatchObject({ finish: 'stop', text: whole.text.slice(0, whole.text.indexOf(end)).trimEnd() })
    expect(events.texts.join('')).not.toContain(end)

    const format = { name: 'object', schema: { type: 'object' } }
    const json = await engine.complete(
      ask('Describe a cat as JSON with name and age.', { temperature: 0, maxTokens: 200, topK: 1, format }),
      listen(),
      never,
    )
    expect(Object.keys(JSON.parse(json.text) as object)).toContain('name')
  })

  it('refuses a prompt that does not fit its context, with the numbers', async () => {
    await expect(engine.complete(ask('word '.repeat(3000)), listen(), never)).rejects.toMatchObject({
      failure: 'context_exceeded',
      retryable: false,
      message: expect.stringMatching(/30\d\d tokens.*24.*2048/s) as string,
    })
  })

  it('fails the calls in flight when its process is killed, and answers the next one from a new process', async () => {
    const events = listen()
    const call = engine.complete(ask('Write a long story.', { maxTokens: 1000 }), events, never)
    call.catch(() => undefined)
    await expect.poll(() => events.texts.length, PATIENT).toBeGreaterThan(0)
    processes.at(-1)?.kill()
    await expect(call).rejects.toMatchObject({ failure: 'engine_crashed', retryable: true })
    expect(await engine.status()).toMatchObject({ state: 'failed', running: 0 })
    expect((await engine.complete(ask('Say hello.'), listen(), never)).text).not.toBe('')
    expect(await engine.status()).toMatchObject({ state: 'ready' })
  })

  it('swaps to another model when it is idle, and refuses one that is not there or is damaged', async () => {
    const twin = await engine.complete(
      ask('Say hello.', { model: { engine_id: EMBEDDED_ENGINE_ID, model: 'twin' } }),
      listen(),
      never,
    )
    expect(twin.servedModel).toBe('twin')
    expect(engine.loadedModel()).toBe('twin')
    await expect(
      engine.complete(ask('Hi', { model: { engine_id: EMBEDDED_ENGINE_ID, model: 'unheard-of' } }), listen(), never),
    ).rejects.toMatchObject({ failure: 'model_missing', retryable: false })
    await expect(
      engine.complete(ask('Hi', { model: { engine_id: EMBEDDED_ENGINE_ID, model: 'damaged' } }), listen(), never),
    ).rejects.toMatchObject({ failure: 'internal', retryable: false })
    expect(await engine.release('twin')).toBe(true)
  })

  it('ends its process when it is stopped', async () => {
    await engine.complete(ask('Say hello.'), listen(), never)
    await engine.stop()
    const left = execFileSync('ps', ['-o', 'args=', '--ppid', String(process.pid)]).toString()
    expect(left).not.toContain('engine-main.ts')
  })
})
