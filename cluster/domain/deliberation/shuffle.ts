/** FNV-1a, 32 bits, over the text's UTF-16 units (Fowler, Noll, Vo; parameters of the public-domain reference). */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/** Mulberry32 (Tommy Ettinger, public domain): numbers 0 ≤ x < 1 that depend on the seed alone. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Fisher and Yates's shuffle with dice drawn from `key`: the same key gives the same order. */
export function seededShuffle<T>(items: readonly T[], key: string): readonly T[] {
  const dice = mulberry32(hash32(key))
  const left = [...items]
  const drawn: T[] = []
  while (left.length > 0) drawn.push(...left.splice(Math.floor(dice() * left.length), 1))
  return drawn
}
