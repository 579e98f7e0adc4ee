/** Reading JSON that a model wrote: whatever is not as expected is told apart, never trusted. */
export type Json = Readonly<Record<string, unknown>>

/** The JSON in a reply, also inside a Markdown fence; undefined where there is none. */
export function readJson(reply: string): unknown {
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(reply)?.[1]
  try {
    return JSON.parse(fenced ?? reply)
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
export const asObject = (value: unknown): Json | undefined => (isObject(value) ? value : undefined)
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const asText = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')
