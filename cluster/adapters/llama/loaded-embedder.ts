import type { Llama } from 'node-llama-cpp'
import type { EngineReport, LoadEmbedderRequest } from './protocol.ts'

type Embedded = Omit<Extract<EngineReport, { type: 'embedded' }>, 'type' | 'id'>

/** An embedding model in memory. */
export interface LoadedEmbedder {
  /** One vector of length 1 per text, in order; `onProgress` hears of each. Rejects with the signal's reason. */
  embed(texts: readonly string[], onProgress: () => void, signal: AbortSignal): Promise<Embedded>
  dispose(): Promise<void>
}

/** What an encoder puts around a text. */
const FRAME_TOKENS = 2

export async function loadEmbedder(llama: Llama, request: LoadEmbedderRequest, onProgress: () => void): Promise<LoadedEmbedder> {
  const model = await llama.loadModel({ modelPath: request.file, onLoadProgress: onProgress })
  const contextSize = Math.min(request.context_tokens, model.trainContextSize)
  // An encoder reads a text in one piece.
  const context = await model
    .createEmbeddingContext({ contextSize, batchSize: contextSize, threads: request.threads })
    .catch(async (cause: unknown) => {
      await model.dispose()
      throw cause
    })
  const longest = contextSize - FRAME_TOKENS - 1

  return {
    async embed(texts, onProgress, signal) {
      const vectors: number[][] = []
      const truncated: number[] = []
      let tokens = 0
      for (const [index, text] of texts.entries()) {
        signal.throwIfAborted()
        const all = model.tokenize(text)
        if (all.length > longest) truncated.push(index)
        const read = all.slice(0, longest)
        tokens += read.length + FRAME_TOKENS
        vectors.push(ofLengthOne((await context.getEmbeddingFor(read)).vector))
        onProgress()
      }
      return { vectors, tokens, truncated }
    },
    async dispose() {
      await context.dispose()
      await model.dispose()
    },
  }
}

function ofLengthOne(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((value) => (length > 0 ? value / length : 0))
}
