import type { Board, BoardCall } from '../shapes.ts'

/** A failed call can be made again while its phase is open, a sample of the baseline until the texts are checked; afterwards others have built on its absence. */
export function isRetryable(board: Board, call: BoardCall): boolean {
  return call.status === 'failed' && board.row.ended_at === null && isOpen(board, call)
}

function isOpen({ phases, spec }: Board, call: BoardCall): boolean {
  if (spec.baseline?.agents.some((sample) => sample.agent_id === call.agent_id))
    return phases.some(({ phase, state }) => phase === 'check' && state === 'planned')
  return phases.some(
    ({ phase, round, state, received, failed, expected }) =>
      phase === call.phase && round === call.round && state === 'running' && received + failed < expected,
  )
}

/** The call of an agent that can be made again now; undefined where there is none. */
export function retryableCall(board: Board, agentId: string): BoardCall | undefined {
  return board.calls.find((call) => call.agent_id === agentId && isRetryable(board, call))
}
