import { getLlama, LlamaLogLevel, type Llama } from 'node-llama-cpp'
import { ModelCallError } from '../../ports/engines.ts'
import { engineChannel } from './engine-channel.ts'
import { loadEmbedder, type LoadedEmbedder } from './loaded-embedder.ts'
import { loadModel, type LoadedModel } from './loaded-model.ts'
import {
  engineRequest,
  type CompleteRequest,
  type EngineReport,
  type EngineRequest,
  type LoadEmbedderRequest,
  type LoadRequest,
} from './protocol.ts'

/** New text is sent at most this often, so that a fast model does not flood the host with single tokens. */
const DELTA_EVERY_MS = 50
const PROGRESS_EVERY_MS = 1000

const channel = engineChannel()
const send = (report: EngineReport) => channel.send(report)
const calls = new Map<number, AbortController>()
let llama: Llama | undefined
let loaded: LoadedModel | undefined
let embedder: LoadedEmbedder | undefined

async function load(request: LoadRequest): Promise<void> {
  await unload()
  loaded = await loadModel(await engine(request.threads), request, () => send({ type: 'progress', id: request.id }))
  send({ type: 'loaded', id: request.id, context_tokens: loaded.contextTokens, sequences: loaded.sequences })
}

async function loadEmbeddingModel(request: LoadEmbedderRequest): Promise<void> {
  await embedder?.dispose()
  embedder = undefined
  embedder = await loadEmbedder(await engine(request.threads), request, () => send({ type: 'progress', id: request.id }))
  send({ type: 'embedder-loaded', id: request.id })
}

async function engine(maxThreads: number): Promise<Llama> {
  return (llama ??= await getLlama({ gpu: false, build: 'never', maxThreads, logLevel: LlamaLogLevel.error }))
}

async function embed(id: number, texts: readonly string[]): Promise<void> {
  if (!embedder) throw new ModelCallError('model_missing', 'No embedding model is loaded.', { retryable: true })
  const cancel = new AbortController()
  calls.set(id, cancel)
  try {
    const embedded = await embedder.embed(texts, () => send({ type: 'progress', id }), cancel.signal)
    send({ type: 'embedded', id, ...embedded })
  } finally {
    calls.delete(id)
  }
}

async function unload(): Promise<void> {
  for (const call of calls.values()) call.abort(new ModelCallError('cancelled', 'The model was unloaded.', { retryable: true }))
  const model = loaded
  loaded = undefined
  await model?.dispose()
}

async function complete(request: CompleteRequest): Promise<void> {
  const model = requireModel()
  const cancel = new AbortController()
  calls.set(request.id, cancel)
  let unsent = ''
  const flush = () => {
    if (unsent) send({ type: 'delta', id: request.id, text: unsent })
    unsent = ''
  }
  const flushing = setInterval(flush, DELTA_EVERY_MS)
  let evaluated = -1
  const watching = setInterval(() => {
    const now = model.evaluated()
    if (now !== evaluated) send({ type: 'progress', id: request.id })
    evaluated = now
  }, PROGRESS_EVERY_MS)
  try {
    const completion = await model.complete(request, (text) => (unsent += text), cancel.signal)
    flush()
    send({ type: 'completed', id: request.id, completion })
  } finally {
    clearInterval(flushing)
    clearInterval(watching)
    calls.delete(request.id)
  }
}

async function answer(request: EngineRequest): Promise<void> {
  switch (request.type) {
    case 'load':
      return load(request)
    case 'complete':
      return complete(request)
    case 'load-embedder':
      return loadEmbeddingModel(request)
    case 'embed':
      return embed(request.id, request.texts)
    case 'cancel':
      calls.get(request.id)?.abort(new ModelCallError('cancelled', 'The call was cancelled.', { retryable: false }))
      return
    case 'count-tokens':
      send({ type: 'counted', id: request.id, tokens: requireModel().countTokens(request.text) })
      return
    case 'unload':
      await unload()
      send({ type: 'unloaded', id: request.id })
  }
}

function requireModel(): LoadedModel {
  if (!loaded) throw new ModelCallError('model_missing', 'No model is loaded.', { retryable: true })
  return loaded
}

channel.onMessage((message) => {
  const request = engineRequest.parse(message)
  answer(request).catch((cause: unknown) => {
    const error = cause instanceof ModelCallError ? cause : new ModelCallError('internal', describe(cause), { retryable: false })
    send({ type: 'failed', id: request.id, failure: error.failure, message: error.message, retryable: error.retryable })
  })
})
send({ type: 'up' })

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause === undefined ? cause.message : `${cause.message} (${describe(cause.cause)})`
}
