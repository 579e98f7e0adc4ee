import { phasesAhead } from './plan.ts'
import { finalTexts, openStep, survivors, type RunState } from './state.ts'
import type { Measured } from './types.ts'

type Vector = readonly number[]

/** What is to be measured, and why: whether agents agree before a further round, or how the run's texts came out. */
export interface MeasureOrder {
  readonly at: Measured['at']
  readonly round: number
  readonly task: string
  /** The texts that stand now, in the order of the council. */
  readonly finals: readonly { readonly agent_id: string; readonly content: string }[]
  /** First proposals of the same authors; empty where only the texts of now count. */
  readonly firsts: readonly { readonly agent_id: string; readonly content: string }[]
}

/** The name of a measure among the calls of its run. */
export function measureId({ at, round }: Pick<Measured, 'at' | 'round'>): string {
  return `${round}.measure.${at}`
}

/** What has to be measured before the run can go on with a further round; undefined where nothing has. */
export function measureBeforeRound(state: RunState): MeasureOrder | undefined {
  const { spec, phase, round, stoppedAfter, measured } = state
  if (spec.consensus_cosine === null || stoppedAfter !== null || state.ended || openStep(state)) return undefined
  if (phase !== 'propose' && phase !== 'revise') return undefined
  if (measured?.at === 'round' && measured.round === round) return undefined
  if (survivors(state).length < 2 || !phasesAhead(state).some((planned) => planned.phase === 'critique')) return undefined
  return { at: 'round', round, task: spec.task, finals: finalTexts(state), firsts: [] }
}

/** What is measured of the texts as they are checked. */
export function measureOfResult(state: RunState): MeasureOrder {
  const firsts = survivors(state).map((agent_id) => ({ agent_id, content: state.texts.get(agent_id)?.[0]?.content ?? '' }))
  return { at: 'check', round: state.round, task: state.spec.task, finals: finalTexts(state), firsts }
}

/** Every text that an order needs a vector of, each once. */
export function textsOf({ at, task, finals, firsts }: MeasureOrder): readonly string[] {
  return [...new Set([...finals, ...firsts].map(({ content }) => content).concat(at === 'check' ? [task] : []))]
}

/** The measures of an order from the vectors of its texts. Rounded to six decimals, below which vectors of one text may differ. */
export function measure(
  order: MeasureOrder,
  vectorOf: (text: string) => Vector,
): Pick<Measured, 'diversity' | 'first_diversity' | 'relevance'> {
  const finals = order.finals.map(({ content }) => vectorOf(content))
  const relevance =
    order.at === 'check' && finals.length > 0 ? mean(finals.map((each) => cosine(vectorOf(order.task), each))) : null
  return {
    diversity: diversity(finals),
    first_diversity: diversity(order.firsts.map(({ content }) => vectorOf(content))),
    relevance: relevance === null ? null : rounded(relevance),
  }
}

/** 1 − the mean cosine over all pairs: 0 = all alike. Null below two. */
function diversity(vectors: readonly Vector[]): number | null {
  const alike = meanPairwiseCosine(vectors)
  return alike === null ? null : rounded(1 - alike)
}

/** The mean cosine over all pairs; null below two vectors. */
export function meanPairwiseCosine(vectors: readonly Vector[]): number | null {
  const pairs = vectors.flatMap((a, index) => vectors.slice(index + 1).map((b) => cosine(a, b)))
  return pairs.length === 0 ? null : mean(pairs)
}

/** a·b / (|a| |b|); 0 where one of them is 0. */
export function cosine(a: Vector, b: Vector): number {
  const product = dot(a, b)
  const lengths = Math.sqrt(dot(a, a) * dot(b, b))
  return lengths === 0 ? 0 : product / lengths
}

/** One vector for a text that was read in parts: the mean of their directions, weighted by how long each part is. */
export function joinVectors(parts: readonly { readonly vector: Vector; readonly weight: number }[]): Vector {
  const sum = new Array<number>(parts[0]?.vector.length ?? 0).fill(0)
  for (const { vector, weight } of parts) {
    const length = Math.sqrt(dot(vector, vector)) || 1
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + (weight * value) / length
  }
  return sum
}

const PART_CHARACTERS = 1000
const MOST_PARTS = 12

/**
 * A text in parts that a sentence encoder reads whole (about 250 tokens), cut at the end of a line or word where there is one.
 * Past `MOST_PARTS` nothing is read: `truncated` says so.
 */
export function partsOf(text: string): { readonly parts: readonly string[]; readonly truncated: boolean } {
  const parts: string[] = []
  let rest = text.trim()
  while (rest.length > 0 && parts.length < MOST_PARTS) {
    const cut = rest.length <= PART_CHARACTERS ? rest.length : breakBefore(rest)
    parts.push(rest.slice(0, cut).trim())
    rest = rest.slice(cut).trim()
  }
  return { parts: parts.length === 0 ? [''] : parts, truncated: rest.length > 0 }
}

function breakBefore(text: string): number {
  const window = text.slice(0, PART_CHARACTERS)
  const found = [window.lastIndexOf('\n'), window.lastIndexOf(' ')].find((at) => at > PART_CHARACTERS / 2)
  return found ?? PART_CHARACTERS
}

const dot = (a: Vector, b: Vector) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const rounded = (value: number) => Math.round(value * 1e6) / 1e6
