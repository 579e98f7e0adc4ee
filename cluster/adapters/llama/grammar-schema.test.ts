import { describe, expect, it } from 'vitest'
import { toGrammarSchema } from './grammar-schema.ts'

describe('A JSON schema becomes one that a grammar can hold a model to', () => {
  it.each([
    ['a range of whole numbers is spelt out', { type: 'integer', minimum: 0, maximum: 3 }, { enum: [0, 1, 2, 3] }],
    ['an open range stays a whole number', { type: 'integer', minimum: 0 }, { type: 'integer' }],
    ['a string keeps its bound', { type: 'string', minLength: 1, maxLength: 9 }, { type: 'string', minLength: 1, maxLength: 9 }],
    ['a string without a bound gets one', { type: 'string' }, { type: 'string', minLength: 0, maxLength: 400 }],
    [
      'a list without a bound gets one',
      { type: 'array', items: { type: 'boolean' } },
      { type: 'array', items: { type: 'boolean' }, minItems: 0, maxItems: 16 },
    ],
    ['a choice of texts stays', { type: 'string', enum: ['major', 'minor'] }, { enum: ['major', 'minor'] }],
    ['alternatives stay', { anyOf: [{ type: 'null' }, { const: 1 }] }, { oneOf: [{ type: 'null' }, { const: 1 }] }],
    ['an object that names no properties may have any', { type: 'object' }, { type: 'object', additionalProperties: true }],
    [
      'an object that may have none has none',
      { type: 'object', additionalProperties: false },
      { type: 'object', properties: {} },
    ],
    [
      'an object keeps its properties and nothing else',
      { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false, $schema: 'x' },
      { type: 'object', properties: { a: { type: 'number' } } },
    ],
  ])('%s', (_what, schema, expected) => {
    expect(toGrammarSchema(schema)).toEqual(expected)
  })

  it.each([
    ['a place without a type', { type: 'object', properties: { a: { type: 'array', items: {} } } }, '$.a[]'],
    ['an unknown type', { type: 'tuple' }, '$'],
  ])('%s is refused with its path', (_what, schema, path) => {
    expect(() => toGrammarSchema(schema)).toThrow(`cannot be used at ${path}`)
  })
})
