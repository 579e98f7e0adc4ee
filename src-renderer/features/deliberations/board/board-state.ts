import { callPlace, type Board, type BoardUpdate } from '../shapes.ts'

/** Folds one message of the board stream. Parts that did not change keep their identity. */
export function foldBoard(board: Board | null, update: BoardUpdate): Board | null {
  if (update.type === 'snapshot') return update.board
  if (board === null) return null
  return {
    ...board,
    row: update.row,
    phases: merge(board.phases, update.phases, (phase) => `${phase.round}.${phase.phase}`),
    calls: merge(board.calls, update.calls, callPlace),
    versions: merge(board.versions, update.versions, (version) => `${version.round}.${version.agent_id}`),
    critiques: merge(board.critiques, update.critiques, (entry) => `${entry.round}.${entry.critic_id}`),
    scores: merge(board.scores, update.scores, (entry) => entry.scorer_id),
    checks: update.checks,
    ranking: update.ranking,
    agreement: update.agreement,
    position_bias: update.position_bias,
    rounds_stopped: update.rounds_stopped,
    measures: update.measures,
    selection: update.selection,
    baseline: update.baseline === undefined ? board.baseline : update.baseline,
    outcomes: update.outcomes,
    reruns: update.reruns,
  }
}

/** The items of a list of a board that were not in the list before it, or were others there. */
export function newsOf<T>(before: readonly T[] | undefined, list: readonly T[]): readonly T[] {
  if (before === undefined) return list
  return before === list ? [] : list.filter((item, at) => item !== before[at])
}

/** Where each item stands, by key, in the newest of the lists that were merged into each other. */
const places = new WeakMap<readonly unknown[], Map<string, number>>()

function merge<T>(held: T[], changed: readonly T[], keyOf: (item: T) => string): T[] {
  if (changed.length === 0) return held
  const placeOf = places.get(held) ?? new Map(held.map((item, at) => [keyOf(item), at]))
  places.delete(held)
  const merged = [...held]
  for (const item of changed) {
    const key = keyOf(item)
    const at = placeOf.get(key) ?? merged.length
    placeOf.set(key, at)
    merged[at] = item
  }
  places.set(merged, placeOf)
  return merged
}
