import { MAX_VALUE_BYTES } from '../../ports/small-state.ts'

/** The value of `key` as JSON; a RangeError for what small state does not take. */
export function valueText(key: string, value: unknown): string {
  const text = json(value)
  if (text === undefined) throw new RangeError(`The value for ${key} cannot be written as JSON.`)
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_VALUE_BYTES)
    throw new RangeError(
      `The value for ${key} takes ${bytes} bytes, over the limit of ${MAX_VALUE_BYTES}: put it in the blob store.`,
    )
  return text
}

/** Undefined for what is no JSON: functions, cycles, big integers and the like. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
