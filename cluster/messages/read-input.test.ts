import { expect, it } from 'vitest'
import * as z from 'zod'
import { readInput } from './read-input.ts'

const agent = z.strictObject({ engine_id: z.string(), model: z.string().max(4) })
const weight = z.union([z.number(), z.strictObject({ weight: z.number().positive() })])
const schema = z.strictObject({
  task: z.string().min(1, 'The task is empty.').optional(),
  rounds: z.int().min(0).max(5).optional(),
  share: z.number().gt(0).lt(1).optional(),
  peers: z.boolean().optional(),
  agents: z.array(agent).min(1).max(2).optional(),
  agent: agent.optional(),
  mode: z.enum(['async', 'wait']).optional(),
  status: z
    .union([z.array(z.enum(['queued', 'paused', 'failed', 'expired'])), z.enum(['queued', 'paused', 'failed', 'expired'])])
    .optional(),
  weights: z.record(z.string().max(3), weight).optional(),
  window: z
    .string()
    .regex(/^\d+h$/, 'a number of hours such as "24h"')
    .optional(),
  code: z.string().regex(/^\d+$/).optional(),
  link: z.url({ protocol: /^https$/ }).optional(),
  steps: z.number().multipleOf(5).optional(),
  pairs: z
    .array(z.int())
    .refine((pairs) => pairs.length < 3, 'At most 2 are taken.')
    .optional(),
  part: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]).optional(),
  options: z.strictObject({ quorum: z.int().optional() }).prefault({}),
})

it.each<[given: unknown, says: string, field?: string]>([
  [undefined, 'The body is missing: it is to be an object.'],
  [null, 'The body is to be an object, not null.'],
  [[], 'The body is to be an object, not a list.'],
  [{ task: '' }, 'The task is empty.', 'task'],
  [{ task: 3 }, '`task` is to be text, not a number.', 'task'],
  [{ rounds: 9 }, '`rounds` is to be at most 5, not 9.', 'rounds'],
  [{ rounds: 1.5 }, '`rounds` is to be a whole number, not 1.5.', 'rounds'],
  [{ rounds: '2' }, '`rounds` is to be a whole number, not "2".', 'rounds'],
  [{ share: 0 }, '`share` is to be more than 0, not 0.', 'share'],
  [{ share: 1 }, '`share` is to be less than 1, not 1.', 'share'],
  [{ peers: 'yes' }, '`peers` is to be true or false, not "yes".', 'peers'],
  [{ agents: [] }, '`agents` is empty: it is to have at least 1 entry.', 'agents'],
  [{ agents: 'all of them' }, '`agents` is to be a list, not text.', 'agents'],
  [{ agents: [{ engine_id: 'e' }] }, '`agents.0.model` is missing: it is to be text.', 'agents.0.model'],
  [
    {
      agents: [
        { engine_id: 'e', model: 'a' },
        { engine_id: 'e', model: 'qwen3' },
      ],
    },
    '`agents.1.model` is to have at most 4 characters, not 5.',
    'agents.1.model',
  ],
  [{ agent: 'e/m' }, '`agent` is to be an object with `engine_id` and `model`, not text.', 'agent'],
  [{ mode: 'later' }, '`mode` is to be "async" or "wait", not "later".', 'mode'],
  [
    { status: 'pause' },
    '`status` is to be one of "queued", "paused", "failed" or "expired", not "pause"; did you mean "paused"?',
    'status',
  ],
  [{ status: ['no'] }, '`status.0` is to be one of "queued", "paused", "failed" or "expired", not "no".', 'status.0'],
  [{ weights: { a: 'much' } }, '`weights.a` is to be a number or an object, not text.', 'weights.a'],
  [{ weights: { a: { weight: 0 } } }, '`weights.a.weight` is to be more than 0, not 0.', 'weights.a.weight'],
  [{ weights: { long: 1 } }, '`weights` has the key "long", which is to have at most 3 characters, not 4.', 'weights.long'],
  [{ window: '24' }, '`window` is to be a number of hours such as "24h".', 'window'],
  [{ code: 'x' }, '`code` is to be of the form /^\\d+$/.', 'code'],
  [{ link: 'no' }, '`link` is to be an address such as https://host/path.', 'link'],
  [{ steps: 3 }, '`steps` is to be a multiple of 5.', 'steps'],
  [{ pairs: [1, 2, 3] }, '`pairs`: At most 2 are taken.', 'pairs'],
  [{ part: { kind: 'c' } }, '`part.kind` is to be "a" or "b", not "c".', 'part.kind'],
  [{ part: {} }, '`part.kind` is missing: it is to be "a" or "b".', 'part.kind'],
  [{ roundz: 1 }, 'The body has an unknown field, `roundz`; did you mean `rounds`?', 'roundz'],
  [{ quorum: 1 }, 'The body has an unknown field, `quorum`; it belongs in `options`.', 'quorum'],
  [{ options: { size: 1 } }, '`options` has an unknown field, `size`; known are `quorum`.', 'options.size'],
  [{ colour: 1, taks: 2 }, 'The body has unknown fields: `colour`, `taks` (did you mean `task`?).', 'colour'],
  [{ 'a\nb': 1, rounds: -1 }, '`rounds` is to be at least 0, not -1. The body has an unknown field, `a\\nb`.', 'rounds'],
])('%j is refused: %s', (given, says, field) => {
  const read = readInput(schema, given, 'The body')
  expect(read).toEqual({ success: false, error: { code: 'invalid-input', message: says, ...(field !== undefined && { field }) } })
})

it('names eight faults and says how many more there are', () => {
  const read = readInput(z.array(z.string()), Array(11).fill(0))
  expect(!read.success && read.error.message.split('. ').at(-1)).toBe('3 more are wrong.')
})

it('repeats no text where any text or none would do: it may be a secret', () => {
  const keys = z.strictObject({ key: z.string().max(3), count: z.int().optional(), list: z.array(z.string()).optional() })
  const read = readInput(keys, { key: 'sk-secret', list: 'sk-secret' })
  expect(JSON.stringify(read)).not.toContain('secret')
})

it('gives what a schema makes of sound input', () => {
  expect(readInput(z.object({ limit: z.coerce.number().default(20) }), {})).toEqual({ success: true, data: { limit: 20 } })
})
