import type { DeliberationBoard } from '../../../cluster/messages/deliberation-views.ts'
import type { BoardUpdate } from '../../../src-preload/contract/deliberation.ts'

type Changes = Extract<BoardUpdate, { type: 'changes' }>

/** Remembers the board that was sent last and gives the parts of the next that differ from it. */
export function boardChanges(): (board: DeliberationBoard) => Changes {
  const sent = new Map<string, string>()

  function fresh<T>(kind: string, items: readonly T[], key: (item: T) => string): T[] {
    return items.filter((item) => {
      const name = `${kind}/${key(item)}`
      const text = JSON.stringify(item)
      if (sent.get(name) === text) return false
      sent.set(name, text)
      return true
    })
  }

  return ({
    row,
    phases,
    calls,
    versions,
    critiques,
    scores,
    checks,
    ranking,
    agreement,
    position_bias,
    rounds_stopped,
    measures,
    selection,
    baseline,
    outcomes,
    reruns,
  }) => ({
    type: 'changes',
    row,
    phases: fresh('phase', phases, (phase) => `${phase.round}.${phase.phase}`),
    calls: fresh('call', calls, (call) => call.id),
    versions: fresh('version', versions, (version) => `${version.agent_id}.${version.round}`),
    critiques: fresh('critique', critiques, (critique) => `${critique.critic_id}.${critique.round}`),
    scores: fresh('scores', scores, (score) => score.scorer_id),
    checks,
    ranking,
    agreement,
    position_bias,
    rounds_stopped,
    measures,
    selection,
    ...(fresh('baseline', [baseline], () => '').length > 0 && { baseline }),
    outcomes,
    reruns,
  })
}
