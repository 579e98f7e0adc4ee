import { expect, it } from 'vitest'
import { calibrationWords } from './calibration-words.ts'

it('says how many batches of the model ended by the worst case that was shown', () => {
  const words = calibrationWords({ batches: 52, by_worst_case: 47, mean_error: 0.08 })
  expect(words.replaceAll('\u00a0', ' ')).toMatch(
    /^Done by the shown worst case: 47 of 52 batches of this model; .* 8 ?% off on average\.$/,
  )
})
