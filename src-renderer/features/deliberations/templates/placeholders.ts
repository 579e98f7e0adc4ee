import { filledIn, placeholdersIn } from '../../../../src-preload/contract/template.ts'
import type { Draft } from '../launch/draft.ts'

type Texts = Pick<Draft, 'task' | 'requirements'>

/** The names that the task and its requirements ask for, each once, in order. */
export function placeholdersOf({ task, requirements }: Texts): readonly string[] {
  return placeholdersIn([task, ...requirements.map(({ text }) => text)])
}

/** The texts with these values; what has none, or an empty one, stays as it is. */
export function fillPlaceholders({ task, requirements }: Texts, values: Readonly<Record<string, string>>): Texts {
  return {
    task: filledIn(task, values),
    requirements: requirements.map((each) => ({ ...each, text: filledIn(each.text, values) })),
  }
}
