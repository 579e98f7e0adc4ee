import * as z from 'zod'
import type { GbnfJsonSchema } from 'node-llama-cpp'
import { readInput } from '../../messages/read-input.ts'

/** A string or list without a bound of its own runs to the token limit and leaves broken JSON. */
const DEFAULT_MAX_LENGTH = 400
const DEFAULT_MAX_ITEMS = 16
/** Whole numbers of a range up to this size are spelt out, since a grammar knows no minimum or maximum. */
const LARGEST_RANGE = 1000

const literal = z.union([z.string(), z.number(), z.boolean(), z.null()])

const node = z.object({
  type: z.enum(['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']).optional(),
  enum: z.array(literal).min(1).optional(),
  const: literal.optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).min(1).optional(),
  oneOf: z.array(z.unknown()).min(1).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
})

/** The part of a JSON schema that a grammar can hold a model to. Throws, naming the place, where it can hold it to nothing. */
export function toGrammarSchema(schema: unknown, path = '$'): GbnfJsonSchema {
  const parsed = readInput(node, schema, 'It')
  if (!parsed.success) throw new Error(`The answer's schema cannot be used at ${path}: ${parsed.error.message}`)
  const { data } = parsed
  if (data.const !== undefined) return { const: data.const }
  if (data.enum) return { enum: data.enum }
  const choices = data.anyOf ?? data.oneOf
  if (choices) return { oneOf: choices.map((choice, index) => toGrammarSchema(choice, `${path}|${index}`)) }
  switch (data.type) {
    case 'object':
      if (!data.properties && data.additionalProperties !== false) return { type: 'object', additionalProperties: true }
      return {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(data.properties ?? {}).map(([key, value]) => [key, toGrammarSchema(value, `${path}.${key}`)]),
        ),
      }
    case 'array': {
      const minItems = data.minItems ?? 0
      return {
        type: 'array',
        items: toGrammarSchema(data.items, `${path}[]`),
        minItems,
        maxItems: data.maxItems ?? Math.max(minItems, DEFAULT_MAX_ITEMS),
      }
    }
    case 'string': {
      const minLength = data.minLength ?? 0
      return { type: 'string', minLength, maxLength: data.maxLength ?? Math.max(minLength, DEFAULT_MAX_LENGTH) }
    }
    case 'integer': {
      const { minimum, maximum } = data
      if (minimum === undefined || maximum === undefined || maximum - minimum > LARGEST_RANGE) return { type: 'integer' }
      const first = Math.ceil(minimum)
      return { enum: Array.from({ length: Math.floor(maximum) - first + 1 }, (_, index) => first + index) }
    }
    case 'number':
    case 'boolean':
    case 'null':
      return { type: data.type }
    case undefined:
      throw new Error(`The answer's schema cannot be used at ${path}: it has no type, enum, const, anyOf or oneOf.`)
  }
}
