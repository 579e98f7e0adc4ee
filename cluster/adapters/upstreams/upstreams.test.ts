import { describe, expect, it } from 'vitest'
import { resolveModel } from './upstreams.ts'

describe('A model name', () => {
  const at = (engine_id: string, model: string) => ({
    reference: { engine_id, model },
    label: model,
    contextTokens: null,
    starter: false,
    parallel: 1,
    tokensPerSecond: null,
  })
  const served = [at('a', 'one'), at('b', 'one'), at('b', 'org/two'), at('org', 'two')]

  it.each([
    ['a served name', 'org/two', undefined, { kind: 'found', served: served[2] }],
    ['an engine and a name', 'a/one', undefined, { kind: 'found', served: served[0] }],
    ['a name with its engine beside it', 'one', 'b', { kind: 'found', served: served[1] }],
    ['a name that several serve', 'one', undefined, { kind: 'ambiguous', engines: ['a', 'b'] }],
    ['a name that nobody serves', 'three', 'b', { kind: 'unknown', known: ['one', 'org/two'] }],
  ])('is %s', (_what, model, engineId, expected) => {
    expect(resolveModel(served, model, engineId)).toEqual(expected)
  })
})
