import { mulberry32 } from '../dice.ts'

/** FNV-1a, 32 bits, over the text's UTF-16 units (Fowler, Noll, Vo; parameters of the public-domain reference). */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Fisher and Yates's shuffle with dice drawn from `key`: the same key gives the same order. */
export function seededShuffle<T>(items: readonly T[], key: string): readonly T[] {
  const dice = mulberry32(hash32(key))
  const left = [...items]
  const drawn: T[] = []
  while (left.length > 0) drawn.push(...left.splice(Math.floor(dice() * left.length), 1))
  return drawn
}
