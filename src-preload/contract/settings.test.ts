import { expect, it } from 'vitest'
import { settings } from './settings.ts'

const { savePreferences } = settings
const { input } = savePreferences

it('one preference is changed alone: the others are not put back to their defaults', () => {
  expect(input.parse({ theme: 'dark' })).toEqual({ theme: 'dark' })
  expect(input.parse({})).toEqual({})
})

it('in read-only mode the operator may choose how the console looks, and leave the mode, but not how long history is kept', () => {
  expect(savePreferences.changes?.(input.parse({ theme: 'dark', read_only: false }))).toBe(false)
  expect(savePreferences.changes?.(input.parse({ history_days: 3 }))).toBe(true)
})
