/** Which line had a custom_id first. */
export interface CustomIds {
  /** Remembers an id that is new (-1), else gives the place that had it before. */
  add(customId: string, n: number): number
}

/**
 * Ids by hash in typed arrays, open addressing with linear probing, and their characters one after the other: some 40 bytes an id,
 * where a Map of strings takes three times that. Two ids with one hash are told apart by their characters.
 */
export function createCustomIds(): CustomIds {
  let slots = new Int32Array(1 << 12)
  let count = 0
  let hashes = new Int32Array(1 << 11)
  let places = new Int32Array(1 << 11)
  let starts = new Uint32Array((1 << 11) + 1)
  let chars = new Uint16Array(1 << 16)

  /** Whether an entry has the characters from `start` to below `end`. */
  function isSame(entry: number, start: number, end: number): boolean {
    const from = starts[entry] ?? 0
    if ((starts[entry + 1] ?? 0) - from !== end - start) return false
    for (let index = start; index < end; index++) if (chars[index] !== chars[from + index - start]) return false
    return true
  }

  function grow(): void {
    hashes = copied(hashes, new Int32Array(hashes.length * 2))
    places = copied(places, new Int32Array(places.length * 2))
    starts = copied(starts, new Uint32Array(hashes.length + 1))
    slots = new Int32Array(slots.length * 2)
    const mask = slots.length - 1
    for (let entry = 0; entry < count; entry++) {
      let slot = (hashes[entry] ?? 0) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = entry + 1
    }
  }

  return {
    add(customId, n) {
      const start = starts[count] ?? 0
      const end = start + customId.length
      if (end > chars.length) chars = copied(chars, new Uint16Array(Math.max(chars.length * 2, end)))
      // FNV-1a, with a last mixing so that the low bits depend on all characters.
      let hash = 0x811c9dc5
      for (let index = 0; index < customId.length; index++) {
        const char = customId.charCodeAt(index)
        chars[start + index] = char
        hash = Math.imul(hash ^ char, 0x01000193)
      }
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
      hash ^= hash >>> 13
      const mask = slots.length - 1
      let slot = hash & mask
      for (;;) {
        const entry = (slots[slot] ?? 0) - 1
        if (entry < 0) break
        if (hashes[entry] === hash && isSame(entry, start, end)) return places[entry] ?? 0
        slot = (slot + 1) & mask
      }
      hashes[count] = hash
      places[count] = n
      count += 1
      starts[count] = end
      slots[slot] = count
      if (count === hashes.length) grow()
      return -1
    },
  }
}

function copied<T extends Int32Array | Uint32Array | Uint16Array>(from: T, to: T): T {
  to.set(from)
  return to
}
