import { act, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { useShortcuts } from '../../../app/keyboard.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { board, ranked, start, version } from '../board/test-board.ts'
import type { Board } from '../shapes.ts'
import { OutcomePanel } from './outcome-panel.tsx'

const pages = setUpPages()

const done = (more: Partial<Board> = {}): Board =>
  board({
    row: { status: 'COMPLETED', ended_at: start + 60_000, end_reason: 'ranked', leader_id: 'agent-002' },
    versions: [version('agent-001', 0, 'One.'), version('agent-002', 0, 'Retry all.\nLog it.')],
    ranking: [ranked('agent-002', 1, 0.92), ranked('agent-001', 2, 0.86)],
    selection: { by: 'rank', agent_id: 'agent-002', reason: '', architect_error: null },
    ...more,
  })

function open(shown: Board) {
  const recorded: unknown[] = []
  const console = pages.host({
    deliberation: {
      recordOutcome: ({ outcome }) => {
        recorded.push(outcome)
        return Promise.resolve({ row: shown.row })
      },
    },
  })
  function Shortcuts() {
    useShortcuts()
    return null
  }
  console.show(
    <>
      <Shortcuts />
      <OutcomePanel board={shown} shownAgent="agent-001" />
    </>,
  )
  return recorded
}

describe('the outcome of an ended run', () => {
  it('is accepted with one key, for the winner’s text', async () => {
    const recorded = open(done())
    await screen.findByText('Not judged yet')
    await userEvent.setup().keyboard('a')
    await waitFor(() => expect(recorded).toEqual([{ verdict: 'accepted', agent_id: 'agent-002' }]))
  })

  it('is rejected only with a reason', async () => {
    const user = userEvent.setup()
    const recorded = open(done())
    await user.click(await screen.findByRole('button', { name: 'Reject…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Reject the text of agent-002' })
    const send = () => within(dialog).getByRole('button', { name: 'Reject it' })
    expect(send().getAttribute('aria-disabled')).toBe('true')
    await user.type(within(dialog).getByRole('textbox', { name: 'Why' }), 'No backoff.')
    await user.click(send())
    await waitFor(() => expect(recorded).toEqual([{ verdict: 'rejected', reason: 'No backoff.', agent_id: 'agent-002' }]))
  })

  it('is corrected in an editor that starts with the winner’s text and shows what was changed', async () => {
    const user = userEvent.setup()
    const recorded = open(done())
    await user.click(await screen.findByRole('button', { name: 'Correct…' }))
    const dialog = await screen.findByRole('dialog', { name: 'Correct the text of agent-002' })
    const editor = within(dialog).getByRole<HTMLTextAreaElement>('textbox', { name: 'The answer as it should be' })
    expect(editor.value).toBe('Retry all.\nLog it.')
    await user.type(editor, ' Twice.')
    await waitFor(() => expect(within(dialog).getByRole('region', { name: /^Changes/ }).textContent).toContain('Twice.'))
    await user.click(within(dialog).getByRole('button', { name: /^Keep the correction/ }))
    await waitFor(() =>
      expect(recorded).toEqual([{ verdict: 'corrected', correction: 'Retry all.\nLog it. Twice.', agent_id: 'agent-002' }]),
    )
  })

  it('says who judged it last, and keeps what was said before', async () => {
    const said = { agent_id: 'agent-002', rating: null, by: 'operator' }
    open(
      done({
        outcomes: [
          { at: start, outcome: { ...said, verdict: 'rejected', reason: 'No backoff.' } },
          { at: start + 1, outcome: { ...said, verdict: 'accepted', rating: 4 } },
        ],
      }),
    )
    const panel = await screen.findByRole('region', { name: 'Outcome' })
    expect(within(panel).getByText(/by operator/, { selector: '.outcome-now *' }).textContent).toContain('4 of 5')
    act(() =>
      within(panel)
        .getByText(/1.earlier outcome/)
        .click(),
    )
    expect(within(panel).getByText('No backoff.')).toBeTruthy()
  })

  it('is not asked for where there is no proposal to judge', () => {
    open(board({ row: { status: 'FAILED', ended_at: start + 1, end_reason: 'all_failed' } }))
    expect(screen.queryByRole('region', { name: 'Outcome' })).toBeNull()
  })
})
