import type { Action } from '../lib/actions.ts'

/** Actions whose words all begin, or at least contain, what was typed; better matches first, unavailable ones last. */
export function matchActions(actions: readonly Action[], query: string): readonly Action[] {
  const terms = termsOf(query)
  const scored = newestOf(actions).flatMap((action) => {
    const text = `${action.title} ${action.group}`.toLowerCase()
    const scores = terms.map((term) => termScore(text, term))
    if (scores.includes(0)) return []
    const total = scores.reduce((sum, each) => sum + each, 0) - (action.available === true ? 0 : 100)
    return [{ action, total }]
  })
  return scored.toSorted((a, b) => b.total - a.total).map(({ action }) => action)
}

/** Whether every word stands in the action's words as typed, not only as scattered letters. */
export function isCloseMatch(action: Action, query: string): boolean {
  const text = `${action.title} ${action.group}`.toLowerCase()
  return action.available === true && termsOf(query).every((term) => termScore(text, term) > 1)
}

function termsOf(query: string): readonly string[] {
  return query.toLowerCase().split(/\s+/).filter(Boolean)
}

/** An action registered twice counts once: the later one runs. */
function newestOf(actions: readonly Action[]): readonly Action[] {
  return [...new Map(actions.map((action) => [action.id, action])).values()]
}

function termScore(text: string, term: string): number {
  if (text.startsWith(term)) return 4
  if (text.split(/[^a-z0-9]+/).some((word) => word.startsWith(term))) return 3
  if (text.includes(term)) return 2
  return term.length > 2 && isSubsequence(text, term) ? 1 : 0
}

function isSubsequence(text: string, letters: string): boolean {
  let at = 0
  for (const letter of text) if (letter === letters[at]) at += 1
  return at === letters.length
}
