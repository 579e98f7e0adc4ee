import type { Draft } from '../launch/draft.ts'

type Texts = Pick<Draft, 'task' | 'requirements'>

/** `{{name}}`: a name begins with a letter, so that most of what template languages put in braces is left alone. */
const PLACEHOLDER = /\{\{\s*(\p{L}[\p{L}\p{N} _-]{0,39}?)\s*\}\}/gu

/** The names that the task and its requirements ask for, each once, in order. */
export function placeholdersOf({ task, requirements }: Texts): readonly string[] {
  const texts = [task, ...requirements.map(({ text }) => text)]
  return [...new Set(texts.flatMap((text) => Array.from(text.matchAll(PLACEHOLDER), ([, name = '']) => name)))]
}

/** The texts with these values; what has none, or an empty one, stays as it is. Values are put in as they are, never expanded. */
export function fillPlaceholders({ task, requirements }: Texts, values: Readonly<Record<string, string>>): Texts {
  const fill = (text: string) =>
    text.replace(PLACEHOLDER, (held, name: string) => {
      const value = Object.hasOwn(values, name) ? (values[name] ?? '') : ''
      return value.trim() === '' ? held : value
    })
  return { task: fill(task), requirements: requirements.map((each) => ({ ...each, text: fill(each.text) })) }
}

/** "{{code}} and {{language}}" */
export function bracesOf(names: readonly string[]): string {
  const braced = names.map((name) => `{{${name}}}`)
  return braced.length < 2 ? braced.join('') : `${braced.slice(0, -1).join(', ')} and ${braced.at(-1) ?? ''}`
}
