import type * as z from 'zod'
import { readInput } from '../../messages/read-input.ts'
import { SHOWN_OF_UNREADABLE, type Unreadable } from '../../ports/delivery.ts'

/** What a dead letter holds: its message, or the beginning of a text that is none of its queue's (any more). */
export function contentOfLetter<T>(
  schema: z.ZodType<T>,
  text: string,
): { readonly message: T } | { readonly unreadable: Unreadable } {
  const unreadable = (fault: string) => ({ unreadable: { text: text.slice(0, SHOWN_OF_UNREADABLE), fault } })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return unreadable('It is not valid JSON.')
  }
  const read = readInput(schema, value, 'It')
  return read.success ? { message: read.data } : unreadable(read.error.message)
}
