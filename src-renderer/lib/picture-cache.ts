import * as z from 'zod'

/** The last known picture of a page, kept in the browser's storage so that the next start shows it before anything connects. */
export interface Picture<T> {
  readonly at: number
  readonly value: T
}

const prefix = 'signalbox.picture.'
/** A picture above this is not kept: the storage is small and shared. */
const maxCharacters = 200_000

/** The stored picture; null where there is none or it no longer has the right shape. */
export function readPicture<T>(name: string, schema: z.ZodType<T>): Picture<T> | null {
  try {
    const text = localStorage.getItem(prefix + name)
    if (text === null) return null
    const parsed = z.object({ at: z.number(), value: schema }).safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export function writePicture(name: string, picture: Picture<unknown>): void {
  try {
    const text = JSON.stringify(picture)
    if (text.length > maxCharacters) localStorage.removeItem(prefix + name)
    else localStorage.setItem(prefix + name, text)
  } catch {
    // Storage is full or forbidden: the next start then opens without a picture, which is what a first start does.
  }
}
