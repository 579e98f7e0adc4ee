import { criterionKeys, labelOf } from './labels.ts'
import type { Criterion, JsonFormat, Requirement } from './types.ts'

/*
 * The JSON that structured calls ask for. Every list and string is bounded, so a grammar forces the reply to close,
 * and every fixed thing (criterion, label) is a key of its own, so it can neither be left out nor be said twice.
 * Only keywords that llama.cpp grammars, vLLM and strict OpenAI endpoints all take: no prefixItems, no number ranges.
 */
type Schema =
  | { readonly type: 'string'; readonly maxLength: number }
  | { readonly type: 'string' | 'integer' | 'number'; readonly enum: readonly (string | number)[] }
  | { readonly type: 'array'; readonly items: Schema; readonly minItems: number; readonly maxItems: number }
  | ObjectSchema

interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, Schema>>
  readonly required: readonly string[]
  readonly additionalProperties: false
}

export interface ReplyShape {
  readonly format: JsonFormat
  /** The same for the model to read. In words: a sample in JSON is copied by small models, numbers and all. */
  readonly words: string
  /** Tokens after which the longest reply of this shape is closed. */
  readonly worstTokens: number
}

/** What a reply may take at most, and how densely its writer packs characters into tokens. */
export interface Room {
  readonly tokens: number
  readonly charactersPerToken: number
}

const text = (maxLength: number): Schema => ({ type: 'string', maxLength })
const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: values })
const list = (items: Schema, maxItems: number): Schema => ({ type: 'array', items, minItems: 0, maxItems })
const record = (fields: readonly (readonly [string, Schema])[]): ObjectSchema => ({
  type: 'object',
  properties: Object.fromEntries(fields),
  required: fields.map(([key]) => key),
  additionalProperties: false,
})

const tenths: Schema = { type: 'number', enum: Array.from({ length: 11 }, (_, i) => i / 10) }
const zeroToTen: Schema = { type: 'integer', enum: Array.from({ length: 11 }, (_, i) => i) }

/** A critique: each criterion scored 0–1 with a comment, strengths, and problems that quote the text. */
export function critiqueShape(rubric: readonly Criterion[], room: Room): ReplyShape {
  const keys = criterionKeys(rubric.map((each) => each.name))
  const sized = (comment: number, strengths: number, problems: number, sentence: number): ReplyShape => {
    const quote = Math.round(sentence * 0.7)
    const criterion = record([
      ['comment', text(comment)],
      ['score', tenths],
    ])
    const problem = record([
      ['severity', oneOf(['major', 'minor'])],
      ['text', text(sentence)],
      ['quote', text(quote)],
    ])
    const schema = record([
      ['criteria', record(keys.map((key) => [key, criterion]))],
      ['strengths', list(text(comment), strengths)],
      ['problems', list(problem, problems)],
    ])
    const words = [
      `- "criteria": an object with the keys ${quoted(keys)}, each an object with "comment" (${atMost(comment)}) and "score" (0 to 1, in tenths)`,
      `- "strengths": a list of 0 to ${strengths} texts (${atMost(comment)} each)`,
      `- "problems": a list of 0 to ${problems} objects with "severity" ("major" or "minor"), "text" (${atMost(sentence)}) and "quote" (${atMost(quote)})`,
    ]
    return shape('critique', schema, words, room)
  }
  return firstWithin(room, [
    () => sized(120, 3, 4, 180),
    () => sized(100, 2, 3, 160),
    () => sized(90, 2, 3, 140),
    () => sized(60, 2, 3, 120),
    () => sized(40, 1, 2, 80),
    () => sized(20, 1, 1, 60),
  ])
}

/** What a scorer judges each text by. */
export interface Yardstick {
  readonly rubric: readonly Criterion[]
  readonly requirements: readonly Requirement[]
}

/** Where a scorer's verdicts on requirements stand in its reply, beside the labels. */
export const REQUIREMENTS_KEY = 'requirements'

/** Scores: for each label each criterion's reason, then its score 0–10; where there are requirements, a quote and a verdict on each. */
export function scoreShape({ rubric, requirements }: Yardstick, shownCount: number, room: Room): ReplyShape {
  const keys = criterionKeys(rubric.map((each) => each.name))
  const ids = requirements.map((each) => each.id)
  const labels = labelsOf(shownCount)
  const sized = (reason: number, quote: number): ReplyShape => {
    const criterion = record([
      ['reason', text(reason)],
      ['score', zeroToTen],
    ])
    const perCriterion = record(keys.map((key) => [key, criterion]))
    const verdict = record([
      ['quote', text(quote)],
      ['verdict', oneOf(['met', 'not met'])],
    ])
    const perRequirement = record(ids.map((id) => [id, verdict]))
    const fields = labels.map((label) => [label, perCriterion] as const)
    const judged = [REQUIREMENTS_KEY, record(labels.map((label) => [label, perRequirement]))] as const
    const words = [
      `- the keys ${quoted(labels)}, each an object with the keys ${quoted(keys)}, each of those an object with "reason" (${atMost(reason)}) and "score" (0 to 10)`,
      ...(ids.length === 0
        ? []
        : [
            `- the key "${REQUIREMENTS_KEY}", an object with the keys ${quoted(labels)}, each an object with the keys ${quoted(ids)}, each of those an object with "quote" (${atMost(quote)}) and "verdict" ("met" or "not met")`,
          ]),
    ]
    return shape('scores', record(ids.length === 0 ? fields : [...fields, judged]), words, room)
  }
  return firstWithin(room, [
    () => sized(140, 120),
    () => sized(90, 90),
    () => sized(60, 60),
    () => sized(32, 40),
    () => sized(20, 24),
  ])
}

/** A selection: the reason, then the label chosen. */
export function selectShape(shownCount: number, room: Room): ReplyShape {
  const labels = labelsOf(shownCount)
  const sized = (reason: number): ReplyShape => {
    const schema = record([
      ['reason', text(reason)],
      ['choice', oneOf(labels)],
    ])
    return shape('selection', schema, [`- "reason": ${atMost(reason)}`, `- "choice": one of ${quoted(labels)}`], room)
  }
  return firstWithin(room, [() => sized(600), () => sized(300), () => sized(180)])
}

const labelsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => labelOf(i))
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')
const atMost = (characters: number): string => `text of at most ${characters} characters`

/** The first shape that fits the room, else the tightest. */
function firstWithin(room: Room, shapes: readonly (() => ReplyShape)[]): ReplyShape {
  let tightest: ReplyShape | undefined
  for (const make of shapes) {
    tightest = make()
    if (tightest.worstTokens <= room.tokens) break
  }
  if (!tightest) throw new Error('A reply needs at least one shape.')
  return tightest
}

function shape(name: string, schema: ObjectSchema, words: readonly string[], room: Room): ReplyShape {
  return {
    format: { name, schema: { ...schema } },
    words: words.join('\n'),
    worstTokens: worstTokens(schema, room.charactersPerToken),
  }
}

/** A key's quotes, colon and comma, or the brackets of a list or object. */
const PUNCTUATION_TOKENS = 4

/** Text by the writer's density; each field and closing bracket on an indented line of its own. */
function worstTokens(schema: Schema, charactersPerToken: number, depth = 0): number {
  // As measured on the starter, which writes four spaces a level, often one by one.
  const lineTokens = charactersPerToken < 2 ? 2 + 2 * (depth + 1) : 1
  const inner = (item: Schema): number => lineTokens + worstTokens(item, charactersPerToken, depth + 1)
  if ('enum' in schema) return Math.ceil(Math.max(...schema.enum.map((value) => JSON.stringify(value).length)) / 2)
  switch (schema.type) {
    case 'array':
      return PUNCTUATION_TOKENS + lineTokens + schema.maxItems * (inner(schema.items) + 1)
    case 'object':
      return Object.entries(schema.properties).reduce(
        (sum, [key, value]) => sum + Math.ceil(key.length / 2) + PUNCTUATION_TOKENS + inner(value),
        PUNCTUATION_TOKENS + lineTokens,
      )
    case 'string':
      return Math.ceil(schema.maxLength / charactersPerToken) + 2
  }
}
