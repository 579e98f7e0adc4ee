import {
  costMicroUsd,
  joinVectors,
  measure,
  partsOf,
  textsOf,
  type Measured,
  type MeasureOrder,
} from '../../domain/deliberation/index.ts'
import { ModelCallError, type Embedder, type Engines } from '../../ports/engines.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { isBuiltIn, readPrice } from '../prices.ts'

/** How long a run waits for its measures at most. */
const LIMIT_MS = 30_000

export const NO_EMBEDDING_MODEL =
  'No embedding model is here. Get all-MiniLM-L6-v2 on the Models page, or connect an endpoint that serves one.'

/**
 * How alike the texts of an order are, by the first embedding model there is. A run never fails by it: what keeps it from being
 * measured is given as the reason. What an endpoint read is counted with its price of now. Rejects only where the engines are being
 * stopped, so that the measure is taken after the restart.
 */
export async function takeMeasure(
  { engines, state }: { readonly engines: Engines; readonly state: SmallState },
  order: MeasureOrder,
  limitMs = LIMIT_MS,
): Promise<Measured> {
  const { at, round } = order
  const unused = { truncated: 0, tokens: 0, counted: false, cost_micro_usd: 0 }
  const base = { at, round, diversity: null, first_diversity: null, relevance: null, ...unused }
  let embedder: Embedder | undefined
  try {
    embedder = (await engines.embedders())[0]
    if (!embedder) return { ...base, embedding_model: null, reason: NO_EMBEDDING_MODEL }
    const { vectors, truncated, tokens } = await vectorsOf(engines, embedder, textsOf(order), AbortSignal.timeout(limitMs))
    const usage = { tokens, counted: !isBuiltIn(embedder.reference), cost_micro_usd: await costOf(state, embedder, tokens) }
    const vectorOf = (text: string) => vectors.get(text) ?? []
    const reason = order.finals.length < 2 ? 'Diversity is between texts; there is only one.' : null
    return { ...base, ...measure(order, vectorOf), embedding_model: embedder.label, truncated, ...usage, reason }
  } catch (fault) {
    if (fault instanceof ModelCallError && fault.failure === 'cancelled') throw fault
    return { ...base, embedding_model: embedder?.label ?? null, reason: reasonOf(fault, limitMs) }
  }
}

async function costOf(state: SmallState, { reference }: Embedder, tokens: number): Promise<number> {
  const price = await readPrice(state, reference)
  return price ? costMicroUsd(price, tokens, 0) : 0
}

interface TextVectors {
  readonly vectors: ReadonlyMap<string, readonly number[]>
  /** Texts of which only a part was read. */
  readonly truncated: number
  readonly tokens: number
}

async function vectorsOf(
  engines: Engines,
  { reference }: Embedder,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<TextVectors> {
  const inParts = texts.map((text) => ({ text, ...partsOf(text) }))
  const all = inParts.flatMap(({ parts }) => parts)
  const { vectors: given, truncated, tokens } = await engines.embed({ model: reference, texts: all }, signal)
  const cut = new Set(truncated)
  const vectors = new Map<string, readonly number[]>()
  let next = 0
  let shortened = 0
  for (const { text, parts, truncated: isCut } of inParts) {
    const first = next
    next += parts.length
    vectors.set(text, joinVectors(parts.map((part, place) => ({ vector: given[first + place] ?? [], weight: part.length || 1 }))))
    if (isCut || parts.some((_, place) => cut.has(first + place))) shortened++
  }
  return { vectors, truncated: shortened, tokens }
}

function reasonOf(fault: unknown, limitMs: number): string {
  if (fault instanceof Error && fault.name === 'TimeoutError')
    return `The embedding model did not answer within ${limitMs / 1000} s.`
  return `The embedding model failed: ${fault instanceof Error ? fault.message : String(fault)}`
}
