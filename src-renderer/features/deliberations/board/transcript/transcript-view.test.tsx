import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stubBrowser, testConsole } from '../../../../lib/test-console.tsx'
import type { Board, BoardUpdate, LiveUpdate } from '../../shapes.ts'
import { BoardPage } from '../board-page.tsx'
import { board, call, critique, failedCall, openCall, phase, problem, version } from '../test-board.ts'
import { pushed } from '../test-stream.ts'

let close: (() => void)[] = []

beforeEach(() => {
  stubBrowser()
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
  // jsdom lays nothing out: the list needs a height to have something in sight.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(900)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900)
})

afterEach(() => {
  cleanup()
  close.forEach((each) => each())
  close = []
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function open(held: Board, search: string) {
  window.history.replaceState(null, '', `/local/deliberations/run?view=transcript${search}`)
  const boards = pushed<BoardUpdate>({ type: 'snapshot', board: held })
  const live = pushed<LiveUpdate>({ type: 'snapshot', calls: [] })
  const console = testConsole({
    answers: { deliberation: { watch: (_, signal) => boards.follow(signal), watchLive: (_, signal) => live.follow(signal) } },
  })
  close.push(console.close)
  console.show(<BoardPage taskId="run" />)
  return screen.findByRole('region', { name: 'Messages' })
}

const run = () =>
  board({
    row: { status: 'COMPLETED', ended_at: Date.now() },
    phases: [phase('propose', 0, { state: 'done', received: 2 }), phase('critique', 1, { state: 'done', received: 1 })],
    calls: [
      call('agent-001', 'propose', 0),
      failedCall('agent-002', 'propose', 0, 'server_error'),
      call('agent-003', 'critique', 1),
    ],
    versions: [version('agent-001', 0, 'Retry **only** what is safe.')],
    critiques: [critique('agent-003', 'agent-001', 1, 0.7, [problem('P1', 'only', 8)])],
  })

describe('the transcript', () => {
  it('shows what was said by phase, with who said it and what it took', async () => {
    const messages = await open(run(), '')
    expect(
      within(messages)
        .getAllByRole('heading', { level: 2 })
        .map((each) => each.textContent),
    ).toEqual(['Propose 2 of 3', 'Round 1: critique 1 of 3'])
    const first = within(messages).getByRole('article', { name: 'agent-001, Propose' })
    expect(within(first).getByText('only').tagName).toBe('STRONG')
    expect(first.textContent).toContain('50 tok')
    expect(within(messages).getByRole('article', { name: 'agent-002, Propose' }).textContent).toContain('server error')
  })

  it('keeps its search in the address and says how much of all it shows', async () => {
    const user = userEvent.setup()
    const messages = await open(run(), '')
    await user.type(screen.getByRole('searchbox', { name: /^Search what was said/ }), 'safe')
    await waitFor(() => expect(within(messages).getAllByRole('article')).toHaveLength(1))
    expect(window.location.search).toContain('q=safe')
    expect(screen.getAllByRole('status').map((each) => each.textContent)).toContain('1 of 3 messages')
    await user.selectOptions(screen.getByRole('combobox', { name: 'Agent' }), 'agent-002')
    await user.click(await screen.findByRole('button', { name: 'Show all messages' }))
    await waitFor(() => expect(within(messages).getAllByRole('article')).toHaveLength(3))
  })

  it('shows problems only where the address asks for them', async () => {
    const messages = await open(run(), '&only=problems')
    expect(
      within(messages)
        .getAllByRole('article')
        .map((each) => each.getAttribute('aria-label')),
    ).toEqual(['agent-002, Propose', 'agent-003, Round 1: critique'])
  })

  it('folds a long text and opens it on request', async () => {
    const user = userEvent.setup()
    const long = Array.from({ length: 80 }, (_, at) => `Paragraph ${at + 1} of the proposal.`).join('\n\n')
    const messages = await open({ ...run(), versions: [version('agent-001', 0, long)] }, '')
    expect(messages.textContent).not.toContain('Paragraph 80')
    await user.click(within(messages).getByRole('button', { name: /^Show all/ }))
    expect(messages.textContent).toContain('Paragraph 80')
  })

  it('says what an agent does whose message is not there yet', async () => {
    const messages = await open(board({ phases: [phase('propose', 0)], calls: [openCall('agent-001', 'propose', 0)] }), '')
    expect(messages.textContent).toContain('Waits for a worker to take the call')
  })
})

describe('the timeline', () => {
  it('moves between calls by arrow keys and gives the numbers of each as text', async () => {
    const user = userEvent.setup()
    window.history.replaceState(null, '', '/local/deliberations/run')
    await open(run(), '').catch(() => undefined)
    await user.click(screen.getByRole('radio', { name: 'Timeline' }))
    const bars = await screen.findAllByRole('button', { name: /^agent-00\d, (Propose|Round)/ })
    bars[0]?.focus()
    await screen.findByRole('heading', { name: /Call of agent-001/ })
    await user.keyboard('{ArrowDown}{ArrowDown}')
    const detail = (await screen.findByRole('heading', { name: /Call of agent-002/ })).closest('section')
    expect(detail?.textContent).toContain('HTTP 503')
    expect(screen.getByRole('table', { name: 'What the calls took' }).textContent).toContain('agent-003')
  })
})
