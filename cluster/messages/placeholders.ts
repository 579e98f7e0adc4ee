/** `{{name}}`: a name begins with a letter, so that most of what template languages put in braces is left alone. */
const PLACEHOLDER = /\{\{\s*(\p{L}[\p{L}\p{N} _-]{0,39}?)\s*\}\}/gu

/** The names that a template's texts ask for, each once, in order. */
export function placeholdersIn(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => Array.from(text.matchAll(PLACEHOLDER), ([, name = '']) => name)))]
}

/** The text with these values; what has none, or an empty one, stays as it is. Values are put in as they are, never expanded. */
export function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(PLACEHOLDER, (held, name: string) => {
    const value = Object.hasOwn(values, name) ? (values[name] ?? '') : ''
    return value.trim() === '' ? held : value
  })
}

/** "{{code}} and {{language}}" */
export function bracesOf(names: readonly string[]): string {
  const braced = names.map((name) => `{{${name}}}`)
  return braced.length < 2 ? braced.join('') : `${braced.slice(0, -1).join(', ')} and ${braced.at(-1) ?? ''}`
}
