import * as z from 'zod'
import { readInput } from '../../messages/read-input.ts'
import type { JsonFormat } from '../../messages/work.ts'

const MOST_CHARS = 400

const compiled = new WeakMap<JsonFormat, z.ZodType>()

/** Why `text` is not JSON that meets the format, in a sentence a model can act on; null when it does. */
export function faultInJson(text: string, format: JsonFormat): string | null {
  let value: unknown
  try {
    value = JSON.parse(stripFence(text))
  } catch (fault) {
    return `it does not parse (${fault instanceof Error ? fault.message : 'syntax error'}).`
  }
  let schema = compiled.get(format)
  if (!schema) compiled.set(format, (schema = z.fromJSONSchema(format.schema)))
  const checked = readInput(schema, value, 'It')
  return checked.success ? null : checked.error.message.slice(0, MOST_CHARS)
}

/** The JSON inside a Markdown fence, or the text as it is: models without a grammar like to wrap it. */
function stripFence(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text
}
