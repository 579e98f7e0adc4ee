/** The name under which a text is shown blind: A for the first, B for the second …, AA after Z. */
export function labelOf(position: number): string {
  const last = String.fromCharCode(65 + (position % 26))
  return position < 26 ? last : labelOf(Math.floor(position / 26) - 1) + last
}

/** Keys for criteria in a JSON reply: short, safe in every schema dialect, unique, never read as a number. */
export function criterionKeys(names: readonly string[]): readonly string[] {
  const keys: string[] = []
  for (const name of names) {
    const plain = name.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '')
    const words = plain
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 40)
    const stem = /^[a-z]/.test(words) ? words : `criterion${words && `_${words}`}`
    let key = stem
    for (let n = 2; keys.includes(key); n += 1) key = `${stem}_${n}`
    keys.push(key)
  }
  return keys
}
