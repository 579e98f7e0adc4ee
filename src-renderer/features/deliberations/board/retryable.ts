import type { Board, BoardCall } from '../shapes.ts'

/** A failed call can be made again while its phase is open; afterwards others have built on its absence. */
export function isRetryable(board: Board, call: BoardCall): boolean {
  const isOpen = board.phases.some(
    ({ phase, round, state, received, failed, expected }) =>
      phase === call.phase && round === call.round && state === 'running' && received + failed < expected,
  )
  return call.status === 'failed' && board.row.ended_at === null && isOpen
}

/** The call of an agent that can be made again now; undefined where there is none. */
export function retryableCall(board: Board, agentId: string): BoardCall | undefined {
  return board.calls.find((call) => call.agent_id === agentId && isRetryable(board, call))
}
