import * as format from '../../../lib/format.ts'
import type { Board, BoardCall } from '../shapes.ts'
import type { LiveView } from './live-buffer.ts'

export interface CancelPreview {
  readonly calls: number
  readonly lines: readonly string[]
}

/** What cancelling would do now, in numbers. */
export function cancelPreview(board: Board, liveView: (call: BoardCall) => LiveView | undefined): CancelPreview {
  const calls = [...board.calls, ...(board.baseline?.samples ?? []).map((sample) => sample.call)]
  const open = calls.filter((call) => call.status === 'open')
  const views = open.map(liveView)
  const running = views.filter((view) => view?.state === 'running').length
  const written = views.reduce((sum, view) => sum + (view?.length ?? 0), 0)
  const texts = board.versions.length
  const left = Math.max(0, board.spec.estimate.calls - calls.length)
  return {
    calls: open.length,
    lines: [
      open.length === 0
        ? 'No call is open right now.'
        : `${format.counted(open.length, 'call is', 'calls are')} stopped: ${running} running, ${open.length - running} waiting.${written > 0 ? ` ${format.integer(written)} characters written so far are lost.` : ''}`,
      `${format.counted(left, 'planned call is', 'planned calls are')} not made.`,
      `${format.counted(texts, 'finished text is', 'finished texts are')} kept${board.critiques.length === 0 ? '' : `, with ${format.counted(board.critiques.length, 'critique')}`}; ${board.ranking.length === 0 ? 'nothing gets ranked' : 'the ranking stays'}.`,
      `${format.cost(board.row.cost_micro_usd)} is spent already and stays spent. A cancelled run cannot be resumed.`,
    ],
  }
}
