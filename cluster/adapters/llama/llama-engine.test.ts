import { afterEach, describe, expect, it } from 'vitest'
import type { EngineFailure, ForkEngine } from '../../ports/engine-process.ts'
import type { ModelCall } from '../../ports/engines.ts'
import { systemClock } from '../system/clock.ts'
import { createLlamaEngine, EMBEDDED_ENGINE_ID, type LlamaEngine } from './llama-engine.ts'
import { scriptedProcess } from './scripted-process.ts'

const never = new AbortController().signal
const engines: LlamaEngine[] = []
const failures: EngineFailure[] = []

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop()
  failures.splice(0)
})

function open(fork: ForkEngine, models = ['a', 'b']): LlamaEngine {
  const engine = createLlamaEngine({
    fork,
    clock: systemClock,
    models: () =>
      Promise.resolve(
        models.map((id) => ({ id, kind: 'chat', label: id, file: `/${id}.gguf`, contextTokens: 8192, starter: id === 'a' })),
      ),
    threads: 1,
    contextTokens: 4096,
    sequences: 2,
    hungAfterMs: 600,
    onFailure: (cause) => failures.push(cause),
  })
  engines.push(engine)
  return engine
}

function call(model: string): ModelCall {
  return {
    model: { engine_id: EMBEDDED_ENGINE_ID, model },
    messages: [{ role: 'user', content: 'Hello' }],
    temperature: 0,
    maxTokens: 10,
    seed: 1,
    format: null,
    scoreField: null,
  }
}

const DONE = {
  text: 'Hi',
  reasoning: null,
  finish: 'stop',
  tokens_in: 3,
  tokens_out: 1,
  first_token_at: 1,
  expected_scores: null,
  degraded: null,
} as const

const quiet = { onStarted: () => undefined, onText: () => undefined }

describe('The host of the embedded engine', () => {
  it('starts no process before the first call', async () => {
    const process = scriptedProcess(() => undefined)
    const engine = open(process.fork)
    expect(await engine.status()).toMatchObject({
      state: 'stopped',
      models: [{ contextTokens: 4096, starter: true, parallel: 2 }, {}],
    })
    expect(process.born()).toBe(0)
    expect(await open(process.fork, []).status()).toMatchObject({ state: 'absent' })
  })

  it('answers calls for two models in the order they came, swapping only when it is idle', async () => {
    const done: string[] = []
    const process = scriptedProcess((request, { report }) => {
      if (request.type === 'load') {
        done.push(`load ${request.file}`)
        report({ type: 'loaded', id: request.id, context_tokens: 4096, sequences: 2 })
      }
      if (request.type === 'complete') setTimeout(() => report({ type: 'completed', id: request.id, completion: DONE }), 20)
    })
    const engine = open(process.fork)
    const calls = ['a', 'a', 'a', 'b', 'a'].map(async (model, index) => {
      await engine.complete(call(model), { ...quiet, onStarted: () => void done.push(`${index} ${model}`) }, never)
    })
    await Promise.all(calls)
    expect(done).toEqual(['load /a.gguf', '0 a', '1 a', '2 a', 'load /b.gguf', '3 b', 'load /a.gguf', '4 a'])
  })

  it('kills an engine that shows no sign of work, fails its call, and starts another for those that wait', async () => {
    let hangs = true
    const process = scriptedProcess((request, { report }) => {
      if (request.type === 'load') report({ type: 'loaded', id: request.id, context_tokens: 4096, sequences: 1 })
      if (request.type === 'complete' && !hangs) report({ type: 'completed', id: request.id, completion: DONE })
    })
    const engine = open(process.fork)
    const stuck = engine.complete(call('a'), quiet, never)
    const waiting = engine.complete(call('a'), quiet, never)
    await expect(stuck).rejects.toMatchObject({
      failure: 'engine_crashed',
      retryable: true,
      message: expect.stringContaining('0.6 s') as string,
    })
    hangs = false
    expect(await waiting).toMatchObject({ text: 'Hi' })
    expect(process.born()).toBe(2)
    await engine.stop()
    expect(failures).toEqual(['hung'])
  })

  it('does not kill an engine that reports progress, however long it takes', async () => {
    const process = scriptedProcess((request, { report }) => {
      if (request.type === 'load') report({ type: 'loaded', id: request.id, context_tokens: 4096, sequences: 2 })
      if (request.type !== 'complete') return
      const working = setInterval(() => report({ type: 'progress', id: request.id }), 50)
      setTimeout(() => {
        clearInterval(working)
        report({ type: 'completed', id: request.id, completion: DONE })
      }, 1500)
    })
    expect(await open(process.fork).complete(call('a'), quiet, never)).toMatchObject({ text: 'Hi' })
    expect(process.born()).toBe(1)
  })

  it('stops trying after four crashes in a row and tells the calls that wait', async () => {
    const process = scriptedProcess((_request, { die }) => die())
    const engine = open(process.fork)
    await expect(engine.complete(call('a'), quiet, never)).rejects.toMatchObject({
      failure: 'engine_crashed',
      retryable: true,
      message: expect.stringContaining('4 times in a row') as string,
    })
    expect(process.born()).toBe(4)
    expect(failures).toEqual(['crashed', 'crashed', 'crashed', 'crashed'])
    expect(await engine.status()).toMatchObject({
      state: 'failed',
      detail: 'The engine process ended: signal SIGSEGV.',
      waiting: 0,
    })
  })

  it('lets a waiting call go when it is cancelled, and gives no file away that a call waits for', async () => {
    const process = scriptedProcess(() => undefined)
    const engine = open(process.fork)
    const cancel = new AbortController()
    const waiting = engine.complete(call('a'), quiet, cancel.signal)
    expect(await engine.release('a')).toBe(false)
    cancel.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it('estimates tokens from above where the tokenizer is busy with another model', async () => {
    const process = scriptedProcess((request, { report }) => {
      if (request.type === 'load') report({ type: 'loaded', id: request.id, context_tokens: 4096, sequences: 2 })
      if (request.type === 'count-tokens') report({ type: 'counted', id: request.id, tokens: 3 })
    })
    const engine = open(process.fork)
    expect(await engine.countTokens('a', 'one two three')).toBe(3)
    const cancel = new AbortController()
    const busy = engine.complete(call('a'), quiet, cancel.signal)
    expect(await engine.countTokens('b', 'one two three')).toBe(6)
    await engine.stop()
    await expect(busy).rejects.toMatchObject({ failure: 'engine_crashed' })
  })
})
