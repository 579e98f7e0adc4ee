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

function merge<T>(held: T[], changed: readonly T[], keyOf: (item: T) => string): T[] {
  if (changed.length === 0) return held
  const news = new Map(changed.map((item) => [keyOf(item), item]))
  const merged = held.map((item) => {
    const key = keyOf(item)
    const next = news.get(key)
    news.delete(key)
    return next ?? item
  })
  return [...merged, ...news.values()]
}
