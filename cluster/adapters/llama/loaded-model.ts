import { basename } from 'node:path'
import {
  LlamaChat,
  resolveChatWrapper,
  type ChatHistoryItem,
  type ChatWrapper,
  type Llama,
  type LlamaContext,
  type LlamaContextSequence,
  type LlamaGrammar,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp'
import { ModelCallError } from '../../ports/engines.ts'
import type { ChatMessage, JsonFormat } from '../../messages/work.ts'
import { createReasoningFilter } from '../engines/reasoning-filter.ts'
import { compactGrammar } from './compact-grammar.ts'
import { toGrammarSchema } from './grammar-schema.ts'
import { findDigitTokens, readExpectedScores, type DigitTokens } from './token-scores.ts'
import type { CompleteRequest, Completion, LoadRequest } from './protocol.ts'

/** Tokens read in one step: a cancelled call ends after the step it is in, and each step is a sign of work. */
const BATCH_TOKENS = 128
/** Grammars kept ready: a deliberation asks for the same few shapes again and again. */
const GRAMMARS_KEPT = 16

export interface LoadedModel {
  readonly contextTokens: number
  /** Calls that can run at once; fewer than asked for where memory is short. */
  readonly sequences: number
  countTokens(text: string): number
  /** Tokens held by all sequences; as long as it changes the engine is at work. */
  evaluated(): number
  /** Runs one call on a sequence of its own. Rejects with ModelCallError, or the signal's reason. */
  complete(request: CompleteRequest, onText: (text: string) => void, signal: AbortSignal): Promise<Completion>
  dispose(): Promise<void>
}

export async function loadModel(llama: Llama, request: LoadRequest, onProgress: () => void): Promise<LoadedModel> {
  const model = await llama.loadModel({ modelPath: request.file, onLoadProgress: onProgress })
  const contextTokens = Math.min(request.context_tokens, model.trainContextSize)
  const context = await createContext(model, contextTokens, request.sequences, request.threads).catch(async (cause: unknown) => {
    await model.dispose()
    throw cause
  })
  const all = Array.from({ length: context.totalSequences }, () => context.getSequence())
  const free = new Set(all)
  const chatWrapper = resolveChatWrapper(model, { warningLogs: false })
  const grammars = new Map<string, LlamaGrammar>()
  let digitTokens: DigitTokens | undefined

  async function grammarFor(format: JsonFormat): Promise<LlamaGrammar> {
    const key = JSON.stringify(format.schema)
    const grammar = grammars.get(key) ?? (await compactGrammar(llama, toGrammarSchema(format.schema)))
    grammars.delete(key)
    grammars.set(key, grammar)
    for (const oldest of grammars.keys()) if (grammars.size > GRAMMARS_KEPT) grammars.delete(oldest)
    return grammar
  }

  return {
    contextTokens,
    sequences: all.length,
    countTokens: (text) => model.tokenize(text).length,
    evaluated: () => all.reduce((sum, sequence) => sum + sequence.nextTokenIndex, 0),
    async complete(call, onText, signal) {
      const history = toHistory(call.messages)
      const prompt = renderPrompt(chatWrapper, model, history)
      if (prompt.tokens.length + call.max_tokens > contextTokens) {
        throw new ModelCallError(
          'context_exceeded',
          `The prompt has ${prompt.tokens.length} tokens and the answer may take ${call.max_tokens}; together they do not fit the ${contextTokens} tokens of ${basename(request.file)}.`,
          { retryable: false },
        )
      }
      const grammar = call.format ? await grammarFor(call.format).catch(refuseSchema) : undefined
      const sequence = pickSequence(free, prompt.tokens)
      free.delete(sequence)
      try {
        const answer = await speak(sequence, chatWrapper, { call, history, grammar, thinking: prompt.thinking, onText, signal })
        const tokensOut = Math.max(0, sequence.nextTokenIndex - prompt.tokens.length)
        const field = answer.finish === 'stop' ? call.score_field : null
        const scores =
          field &&
          (await readExpectedScores(sequence, answer.text, {
            promptTokens: prompt.tokens.length,
            field,
            digitTokens: (digitTokens ??= findDigitTokens(model)),
            signal,
          }))
        const degraded =
          field && !scores ? 'The probabilities behind the scores could not be read; the stated scores stand.' : null
        return { ...answer, tokens_in: prompt.tokens.length, tokens_out: tokensOut, expected_scores: scores, degraded }
      } finally {
        free.add(sequence)
      }
    },
    async dispose() {
      await context.dispose()
      await model.dispose()
    },
  }
}

async function createContext(model: LlamaModel, contextSize: number, sequences: number, threads: number): Promise<LlamaContext> {
  try {
    return await model.createContext({ contextSize, sequences, threads, batchSize: BATCH_TOKENS })
  } catch (cause) {
    if (sequences > 1) return createContext(model, contextSize, Math.ceil(sequences / 2), threads)
    throw new Error(`Not enough memory for a context of ${contextSize} tokens; close other programs or take a smaller model.`, {
      cause,
    })
  }
}

/** The free sequence that already holds the most of this prompt, so that only the rest has to be read. */
function pickSequence(free: ReadonlySet<LlamaContextSequence>, prompt: Token[]): LlamaContextSequence {
  const shared = (sequence: LlamaContextSequence) => sequence.compareContextTokens(prompt).firstDifferentIndex
  const best = [...free].sort((a, b) => shared(b) - shared(a) || a.nextTokenIndex - b.nextTokenIndex)[0]
  if (!best)
    throw new ModelCallError('internal', 'The embedded engine was given more calls than it has sequences.', { retryable: true })
  return best
}

function toHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const items = messages.map(({ role, content }): ChatHistoryItem => {
    switch (role) {
      case 'system':
        return { type: 'system', text: content }
      case 'user':
        return { type: 'user', text: content }
      case 'assistant':
        return { type: 'model', response: [content] }
    }
  })
  return messages.at(-1)?.role === 'assistant' ? items : [...items, { type: 'model', response: [] }]
}

function renderPrompt(
  wrapper: ChatWrapper,
  model: LlamaModel,
  chatHistory: ChatHistoryItem[],
): { tokens: Token[]; thinking: boolean } {
  const { contextText } = wrapper.generateContextState({ chatHistory })
  const tokens = contextText.tokenize(model.tokenizer)
  // A wrapper that knows the model's thoughts cuts them off itself.
  const unknown = wrapper.settings.segments?.thought === undefined
  return { tokens, thinking: unknown && model.detokenize(tokens.slice(-8), true).trimEnd().endsWith('<think>') }
}

interface Speech {
  readonly call: CompleteRequest
  readonly history: ChatHistoryItem[]
  readonly grammar: LlamaGrammar | undefined
  readonly thinking: boolean
  readonly onText: (text: string) => void
  readonly signal: AbortSignal
}

type Answer = Pick<Completion, 'text' | 'reasoning' | 'finish' | 'first_token_at'>

async function speak(sequence: LlamaContextSequence, chatWrapper: ChatWrapper, speech: Speech): Promise<Answer> {
  const { call, history, grammar, onText, signal } = speech
  const chat = new LlamaChat({ contextSequence: sequence, chatWrapper })
  const filter = createReasoningFilter(speech.thinking)
  let firstTokenAt: number | null = null
  let thought = ''
  try {
    const { metadata } = await chat.generateResponse(history, {
      ...(grammar ? { grammar, repeatPenalty: false } : {}),
      temperature: call.temperature,
      ...(call.top_p !== undefined && { topP: call.top_p }),
      ...(call.top_k !== undefined && { topK: call.top_k }),
      ...(call.stop && { customStopTriggers: call.stop }),
      // The sampler takes 32 bits without a sign.
      seed: call.seed >>> 0,
      maxTokens: call.max_tokens,
      // Half of the tokens at most for thinking, so that some are left for the answer.
      budgets: { thoughtTokens: Math.floor(call.max_tokens / 2) },
      signal,
      onResponseChunk(chunk) {
        firstTokenAt ??= Date.now()
        if (chunk.type === 'segment') {
          if (chunk.segmentType === 'thought') thought += chunk.text
          return
        }
        const said = filter.push(chunk.text)
        if (said) onText(said)
      },
    })
    const { rest, text, reasoning } = filter.end()
    if (rest) onText(rest)
    const answer = text.trimEnd()
    // An answer may begin with what ends it.
    if (!answer && metadata.stopReason !== 'customStopTrigger') {
      throw new ModelCallError('invalid_output', 'The model ended its answer without saying anything.', { retryable: false })
    }
    return {
      text: answer,
      reasoning: [thought.trim(), reasoning].filter(Boolean).join('\n') || null,
      finish: metadata.stopReason === 'maxTokens' ? 'length' : 'stop',
      first_token_at: firstTokenAt,
    }
  } finally {
    chat.dispose({ disposeSequence: false })
  }
}

function refuseSchema(cause: unknown): never {
  throw new ModelCallError('rejected', cause instanceof Error ? cause.message : String(cause), { retryable: false, cause })
}
