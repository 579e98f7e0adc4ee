import { expect, test } from 'vitest'
import { readModelList } from './served-models.ts'

test('a list of models says how much fits into each and, where the server knows, what stands behind its name', () => {
  const data = [{ id: 'small', root: 'org/model-7b', max_model_len: 4096 }, { id: 'other', root: null }, { id: 'third' }]
  expect(readModelList({ object: 'list', data })).toEqual([
    { model: 'small', origin: 'org/model-7b', contextTokens: 4096 },
    { model: 'other', contextTokens: null },
    { model: 'third', contextTokens: null },
  ])
})
