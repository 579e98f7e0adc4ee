import { useSearchParams } from 'wouter'
import { useActions } from '../../../lib/use-actions.ts'

export const boardViews = [
  { value: 'cards', label: 'Cards' },
  { value: 'transcript', label: 'Transcript' },
  { value: 'timeline', label: 'Timeline' },
] as const
export type BoardView = (typeof boardViews)[number]['value']

const shortcuts: Readonly<Record<BoardView, string>> = { cards: 'c', transcript: 't', timeline: 'g' }

/** How the page shows the run: agents beside each other, all messages as one stream, or all calls over time. In the address. */
export function useBoardView(): [BoardView, (view: BoardView) => void] {
  const [params, setParams] = useSearchParams()
  const view = boardViews.find(({ value }) => value === params.get('view'))?.value ?? 'cards'
  const show = (next: BoardView) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before)
        if (next === 'cards') after.delete('view')
        else after.set('view', next)
        return after
      },
      { replace: true },
    )
  useActions(
    boardViews.map(({ value, label }) => ({
      id: `board.${value}`,
      title: `Show the ${label.toLowerCase()}`,
      group: 'Deliberation',
      shortcut: shortcuts[value],
      available: true as const,
      run: () => show(value),
    })),
  )
  return [view, show]
}
