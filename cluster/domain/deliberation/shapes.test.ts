import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { criterionKeys, labelOf } from './labels.ts'
import { defaultMaxTokens, replyPlan, temperatureOf, variedTemperature } from './limits.ts'
import { sampleAgent } from './sample-runs.ts'
import { critiqueShape, scoreShape, selectShape, type ReplyShape } from './shapes.ts'

const rubricOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `Criterion number ${i + 1}`, weight: 1 / count }))

const yardstick = (criteria: number, requirements = 0) => ({
  rubric: rubricOf(criteria),
  requirements: Array.from({ length: requirements }, (_, i) => ({ id: `R${i + 1}`, text: 'Says how long it waits.' })),
})

/** Every object and list in a schema closed and bounded, every string with a longest length. */
function unbounded(schema: unknown, path = '$'): string[] {
  const s = schema as { type?: string; enum?: unknown; properties?: Record<string, unknown>; items?: unknown } & Record<
    string,
    unknown
  >
  if (s.enum !== undefined) return []
  if (s.type === 'string') return typeof s['maxLength'] === 'number' ? [] : [path]
  if (s.type === 'array') return [...(typeof s['maxItems'] === 'number' ? [] : [path]), ...unbounded(s.items, `${path}[]`)]
  const fields = Object.entries(s.properties ?? {})
  const isClosed =
    s['additionalProperties'] === false && JSON.stringify(s['required']) === JSON.stringify(fields.map(([key]) => key))
  return [...(isClosed ? [] : [path]), ...fields.flatMap(([key, value]) => unbounded(value, `${path}.${key}`))]
}

const shapes: readonly (readonly [string, ReplyShape])[] = [
  ['critique', critiqueShape(rubricOf(4), { tokens: 1024, charactersPerToken: 2 })],
  ['critique of the starter', critiqueShape(rubricOf(4), { tokens: 256, charactersPerToken: 1 })],
  ['scores', scoreShape(yardstick(4), 2, { tokens: 1024, charactersPerToken: 2 })],
  ['scores in a council of fifteen', scoreShape(yardstick(12), 14, { tokens: 1024, charactersPerToken: 2 })],
  ['scores with requirements', scoreShape(yardstick(4, 3), 2, { tokens: 1024, charactersPerToken: 2 })],
  ['scores of the starter with requirements', scoreShape(yardstick(4, 20), 4, { tokens: 896, charactersPerToken: 1 })],
  ['selection', selectShape(3, { tokens: 1024, charactersPerToken: 2 })],
]

test.each(shapes)('%s: every list, string and object of the JSON is bounded', (_, shape) => {
  expect(unbounded(shape.format.schema)).toEqual([])
})

/** The longest reply that the schema allows, written out with every string filled. */
function longest(schema: unknown): unknown {
  const s = schema as {
    type?: string
    enum?: unknown[]
    properties?: object
    items?: unknown
    maxItems?: number
    maxLength?: number
  }
  if (s.enum) return s.enum.toSorted((a, b) => String(b).length - String(a).length)[0]
  if (s.type === 'string') return 'x'.repeat(s.maxLength ?? 0)
  if (s.type === 'array') return Array.from({ length: s.maxItems ?? 0 }, () => longest(s.items))
  return Object.fromEntries(Object.entries(s.properties ?? {}).map(([key, value]) => [key, longest(value)]))
}

test.each(shapes)('%s: the longest reply is valid and fits the limit at one token for two characters', (_, shape) => {
  const reply = longest(shape.format.schema)
  expect(z.fromJSONSchema(shape.format.schema).safeParse(reply).success).toBe(true)
  expect(shape.worstTokens).toBeGreaterThanOrEqual(JSON.stringify(reply).length / 2)
})

test('the limits of structured calls hold the longest reply, and are as large as the phase asks', () => {
  const agent = sampleAgent(1)
  const starter = sampleAgent(1, { starter: true, max_tokens: 256 })
  for (const criteria of [1, 4, 12])
    for (const shown of [1, 2, 4, 14])
      for (const each of [agent, starter]) {
        for (const requirements of [0, 5]) {
          const judgedBy = yardstick(criteria, requirements)
          for (const phase of ['critique', 'score', 'select'] as const) {
            const plan = replyPlan(each, phase, judgedBy, shown)
            expect(plan.maxTokens).toBeGreaterThanOrEqual(plan.shape?.worstTokens ?? Infinity)
          }
          const { maxTokens } = replyPlan(each, 'score', judgedBy, shown)
          expect(maxTokens).toBeGreaterThanOrEqual(128 + 40 * (criteria + requirements) * shown)
        }
      }
  expect(replyPlan(agent, 'critique', yardstick(4), 0).maxTokens).toBe(1024)
  expect(replyPlan(agent, 'select', yardstick(4), 3).maxTokens).toBe(1024)
  expect(replyPlan(starter, 'select', yardstick(4), 3).maxTokens).toBe(256)
  expect(replyPlan(starter, 'critique', yardstick(4), 0).maxTokens).toBeLessThanOrEqual(640)
  expect(replyPlan(starter, 'score', yardstick(4), 2).maxTokens).toBeLessThanOrEqual(900)
})

test('the starter is asked for at most 256 tokens of free text', () => {
  const starter = sampleAgent(1, { starter: true, max_tokens: 4000 })
  expect(replyPlan(starter, 'propose', yardstick(1), 0).maxTokens).toBe(256)
  expect(replyPlan(sampleAgent(1), 'revise', yardstick(1), 0).maxTokens).toBe(1000)
})

test('criteria get keys that are unique, plain and never numbers', () => {
  expect(criterionKeys(['Correct & safe', 'correct safe', '2nd try', 'Größe', '質', '質', '__proto__'])).toEqual([
    'correct_safe',
    'correct_safe_2',
    'criterion_2nd_try',
    'gro_e',
    'criterion',
    'criterion_2',
    'proto',
  ])
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 60 }), { maxLength: 12 }), (names) => {
      const keys = criterionKeys(names)
      expect(new Set(keys).size).toBe(names.length)
      for (const key of keys) expect(key).toMatch(/^[a-z][a-z0-9_]{0,63}$/)
    }),
  )
  expect([0, 1, 13].map(labelOf)).toEqual(['A', 'B', 'N'])
})

test('check 2: the first agent uses the profile as it is, the others 1.3 times its temperature, at most 2', () => {
  expect([false, true, true].map((diversity) => variedTemperature(0.7, diversity))).toEqual([0.7, 0.91, 0.91])
  expect(variedTemperature(1.8, true)).toBe(2)
  const agent = sampleAgent(2)
  expect((['propose', 'critique', 'revise', 'score', 'select'] as const).map((phase) => temperatureOf(agent, phase))).toEqual([
    0.91, 0.3, 0.91, 0.2, 0.2,
  ])
})

test.each([
  { asked: 500, role: 8192, context: 32_768, limit: 500 },
  { asked: null, role: 3072, context: 32_768, limit: 3072 },
  { asked: null, role: null, context: 32_768, limit: 8192 },
  { asked: undefined, role: undefined, context: undefined, limit: 2048 },
])(
  'the token limit is what was asked ($asked), else the role’s ($role), else a quarter of the context ($context), else 2048',
  (each) => {
    expect(defaultMaxTokens(each.asked, each.role, each.context)).toBe(each.limit)
  },
)
