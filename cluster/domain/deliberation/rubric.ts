import { isObject } from './json.ts'
import type { Criterion } from './types.ts'

export type RubricInput =
  string | Readonly<Record<string, number | { readonly weight: number; readonly description?: string | undefined }>>

const MAX_CRITERIA = 12
const MAX_NAME_CHARACTERS = 60
const MAX_DESCRIPTION_CHARACTERS = 500

/**
 * Criteria from a map name → weight or {weight, description}, or from text: a YAML or JSON map, else one criterion named `rubric`.
 * Weights come out with a sum of 1. Throws with the fault in words where the map makes no sense.
 */
export function parseRubric(input: RubricInput, parseText: (text: string) => unknown): Criterion[] {
  if (typeof input !== 'string') return fromMap(input)
  const text = input.trim()
  if (text === '') throw new Error('The rubric is empty; name at least one criterion.')
  const parsed = parsedOrUndefined(text, parseText)
  if (isObject(parsed) && Object.values(parsed).every(looksLikeWeight)) return fromMap(parsed)
  if (text.length > MAX_DESCRIPTION_CHARACTERS)
    throw new Error(
      `The rubric is ${text.length} characters of text; write at most ${MAX_DESCRIPTION_CHARACTERS}, or a map of criteria with weights.`,
    )
  return [{ name: 'rubric', weight: 1, description: text }]
}

function parsedOrUndefined(text: string, parseText: (text: string) => unknown): unknown {
  try {
    return parseText(text)
  } catch {
    return undefined
  }
}

/** Prose with a colon in it parses as a map too; only numbers and {weight} make it a rubric. */
function looksLikeWeight(value: unknown): boolean {
  return typeof value === 'number' || isObject(value)
}

function fromMap(map: Readonly<Record<string, unknown>>): Criterion[] {
  const entries = Object.entries(map)
  if (entries.length === 0) throw new Error('The rubric is empty; name at least one criterion.')
  if (entries.length > MAX_CRITERIA) throw new Error(`The rubric has ${entries.length} criteria; ${MAX_CRITERIA} is the most.`)
  const criteria = entries.map(([name, value]) => criterion(name.trim(), value))
  const names = criteria.map((each) => each.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`The rubric names "${twice}" twice.`)
  const total = criteria.reduce((sum, each) => sum + each.weight, 0)
  return criteria.map((each) => ({ ...each, weight: each.weight / total }))
}

function criterion(name: string, value: unknown): Criterion {
  if (name === '' || name.length > MAX_NAME_CHARACTERS)
    throw new Error(`A criterion's name has 1 to ${MAX_NAME_CHARACTERS} characters, "${name.slice(0, 80)}" has ${name.length}.`)
  const weight = isObject(value) ? value['weight'] : value
  if (typeof weight !== 'number' || !Number.isFinite(weight) || weight <= 0)
    throw new Error(`The weight of "${name}" must be a number above 0.`)
  const description = isObject(value) ? value['description'] : undefined
  if (description === undefined) return { name, weight }
  if (typeof description !== 'string' || description.length > MAX_DESCRIPTION_CHARACTERS)
    throw new Error(`The description of "${name}" must be text of at most ${MAX_DESCRIPTION_CHARACTERS} characters.`)
  return { name, weight, description }
}
