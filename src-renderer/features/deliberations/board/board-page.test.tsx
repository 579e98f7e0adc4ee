import { act, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ConsoleError } from '../../../../src-preload/contract/errors.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import type { Baseline, Board, BoardUpdate, LiveUpdate } from '../shapes.ts'
import { BoardPage } from './board-page.tsx'
import { agent, board, call, critique, failedCall, openCall, phase, problem, ranked, start, version } from './test-board.ts'
import { pushed } from './test-stream.ts'

const pages = setUpPages()

beforeEach(() => {
  localStorage.clear()
  window.history.replaceState(null, '', '/local/deliberations/run')
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      readonly #tell: (entries: { isIntersecting: boolean }[]) => void
      constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
        this.#tell = tell
      }
      observe() {
        this.#tell([{ isIntersecting: true }])
      }
      disconnect() {}
    },
  )
})

/** The page of one run over the bridge, fed by the test. */
function open(
  first: Board,
  more: {
    onCancel?: () => Promise<{ row: Board['row'] }>
    onRetry?: (asked: { command_id: string; agent_id: string }) => void
  } = {},
) {
  const boards = pushed<BoardUpdate>({ type: 'snapshot', board: first })
  const live = pushed<LiveUpdate>({ type: 'snapshot', calls: [] })
  const console = pages.host({
    deliberation: {
      watch: (_, signal) => boards.follow(signal),
      watchLive: (_, signal) => live.follow(signal),
      retry: (asked) => {
        more.onRetry?.(asked)
        return Promise.resolve({ row: first.row })
      },
      cancel: more.onCancel ?? (() => Promise.resolve({ row: first.row })),
    },
  })
  console.show(<BoardPage taskId="run" />)
  return { boards, live, failures: console.failures, cancelWindows: console.cancelWindows }
}

const running = () =>
  board({
    phases: [phase('propose', 0, { state: 'running', received: 1, started_at: start })],
    calls: [call('agent-001', 'propose', 0), openCall('agent-002', 'propose', 0), openCall('agent-003', 'propose', 0)],
    versions: [version('agent-001', 0, 'An **answer**.')],
  })

const changed = (held: Board): BoardUpdate => {
  const { spec: _, ...parts } = held
  return { type: 'changes', ...parts }
}

const key = '0.propose.agent-002'
const delta = (position: number, text: string): LiveUpdate => ({
  type: 'changes',
  messages: [{ kind: 'delta', task_id: 'run', id: `run.${key}`, at: start + position, position, text }],
})

const card = (agentId: string) => screen.getByRole('article', { name: agentId })

describe('the page of a running run', () => {
  it('says where it stands and shows finished texts as Markdown', async () => {
    const { failures } = open(running())
    await screen.findByRole('heading', { level: 1, name: 'Proposing, 1 of 3 in' })
    expect(within(card('agent-001')).getByText('answer').tagName).toBe('STRONG')
    expect(within(card('agent-001')).getByText(/^Waits for agent-002 and agent-003/)).toBeTruthy()
    expect(failures).toEqual([])
  })

  it('streams a text into its card and swaps it for the finished one', async () => {
    const held = running()
    const { boards, live } = open(held)
    await screen.findByRole('heading', { level: 1 })
    const started: LiveUpdate = {
      type: 'changes',
      messages: [{ kind: 'started', task_id: 'run', id: `run.${key}`, at: start, attempt: 1 }],
    }
    act(() => live.push(started))
    await within(card('agent-002')).findByText('Reads the prompt; no text yet')
    act(() => live.push(delta(0, 'First line\n')))
    act(() => live.push(delta(11, '<b>second</b>')))
    const text = await within(card('agent-002')).findByRole('region', { name: 'agent-002 writes: Propose' })
    await waitFor(() => expect(text.textContent).toBe('First line<b>second</b>'))
    const finished = {
      ...held,
      calls: held.calls.map((each) => (each.agent_id === 'agent-002' ? call('agent-002', 'propose', 0) : each)),
      versions: [...held.versions, version('agent-002', 0, 'The finished text.')],
    }
    act(() => boards.push(changed(finished)))
    await within(card('agent-002')).findByText('The finished text.')
    expect(within(card('agent-002')).queryByRole('region', { name: /writes/ })).toBeNull()
  })

  it('while an agent criticises, its own text stays and what it says comes in words', async () => {
    const { live } = open(
      board({
        phases: [phase('critique', 1, { state: 'running', started_at: start })],
        calls: [call('agent-001', 'propose', 0), openCall('agent-001', 'critique', 1)],
        versions: [version('agent-001', 0, 'An **answer**.')],
      }),
    )
    await waitFor(() => expect(live.opened()).toBe(1))
    const reply = '{"criteria":{"clarity":{"comment":"Too da'
    act(() =>
      live.push({
        type: 'changes',
        messages: [{ kind: 'delta', task_id: 'run', id: 'run.1.critique.agent-001', at: start, position: 0, text: reply }],
      }),
    )
    const said = await within(card('agent-001')).findByRole('region', { name: /agent-001 writes: / })
    await waitFor(() => expect(said.textContent).toBe('clarity: Too da'))
    expect(within(card('agent-001')).getByText('answer').tagName).toBe('STRONG')
  })

  it('leaves the board to itself in a narrow window until details are asked for', async () => {
    vi.stubGlobal('innerWidth', 720)
    open(running())
    await screen.findByRole('heading', { level: 1 })
    expect(screen.queryByRole('complementary')).toBeNull()
    await userEvent.click(within(card('agent-001')).getByRole('button', { name: 'agent-001' }))
    expect(screen.getByRole('complementary', { name: 'agent-001' })).toBeDefined()
  })

  it('asks for the live stream anew when a piece of text went missing', async () => {
    const { live } = open(running())
    await screen.findByRole('heading', { level: 1 })
    await waitFor(() => expect(live.opened()).toBe(1))
    live.next({
      type: 'snapshot',
      calls: [
        { id: `run.${key}`, state: 'running', since: start, attempt: 1, error: null, text: 'All of it', first_text_at: start },
      ],
    })
    act(() => live.push(delta(50, 'far too late')))
    await waitFor(() => expect(live.opened()).toBe(2))
    const text = await within(card('agent-002')).findByRole('region', { name: 'agent-002 writes: Propose' })
    await waitFor(() => expect(text.textContent).toBe('All of it'))
  })

  it('previews a cancellation, sends it when its cancel window is over, and waits for the stream before it shows one', async () => {
    const user = userEvent.setup()
    const held = running()
    let asked = 0
    const onCancel = () => {
      asked += 1
      return Promise.resolve({ row: held.row })
    }
    const { boards, cancelWindows } = open(held, { onCancel })
    await user.click(await screen.findByRole('button', { name: /^Cancel run/ }))
    const dialog = await screen.findByRole('dialog', { name: 'Cancel this run' })
    expect(dialog.textContent).toMatch(/2.calls are stopped: 0 running, 2 waiting\./)
    expect(dialog.textContent).toMatch(/1.finished text is kept/)
    expect(asked).toBe(0)
    await user.click(within(dialog).getByRole('button', { name: /^Cancel, stops/ }))
    await waitFor(() => expect(cancelWindows.waiting()).toHaveLength(1))
    expect(asked).toBe(0)
    expect(screen.getByRole('button', { name: /^Cancel run/ }).getAttribute('aria-disabled')).toBe('true')
    await act(() => cancelWindows.waiting()[0]?.act())
    await screen.findByText('Cancelling…')
    expect(asked).toBe(1)
    expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('Proposing')
    act(() =>
      boards.push(
        changed({ ...held, row: { ...held.row, status: 'CANCELLED', ended_at: start + 60_000, end_reason: 'cancelled' } }),
      ),
    )
    await waitFor(() => expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('Cancelled after'))
    expect(screen.queryByText('Cancelling…')).toBeNull()
  })
})

describe('a call that failed', () => {
  const withOneLost = () => {
    const held = running()
    return { ...held, calls: [failedCall('agent-001', 'propose', 0, 'server_error'), ...held.calls.slice(1)], versions: [] }
  }

  it('can be made again while its phase is open, once for each failure, and shows what it writes then', async () => {
    const user = userEvent.setup()
    const asked: { command_id: string; agent_id: string }[] = []
    const held = withOneLost()
    const { boards, live } = open(held, { onRetry: (retry) => asked.push(retry) })
    await screen.findByRole('heading', { level: 1 })
    const button = within(card('agent-001')).getByRole('button', { name: 'Retry this call' })
    await user.click(button)
    await user.click(button)
    expect(asked.map(({ agent_id }) => agent_id)).toEqual(['agent-001', 'agent-001'])
    expect(new Set(asked.map(({ command_id }) => command_id)).size).toBe(1)
    const again = {
      ...openCall('agent-001', 'propose', 0),
      id: 'run.0.propose.agent-001.2',
      attempt: 2,
      earlier: [{ attempt: 1, error: 'HTTP 503', error_type: 'server_error' as const, ended_at: start }],
    }
    act(() => boards.push(changed({ ...held, calls: [again, ...held.calls.slice(1)] })))
    await waitFor(() => expect(within(card('agent-001')).queryByRole('button', { name: 'Retry this call' })).toBeNull())
    const writes = { task_id: 'run', id: 'run.0.propose.agent-001.2', at: start }
    act(() => live.push({ type: 'changes', messages: [{ kind: 'delta', ...writes, position: 0, text: 'Second try' }] }))
    const text = await within(card('agent-001')).findByRole('region', { name: 'agent-001 writes: Propose' })
    await waitFor(() => expect(text.textContent).toBe('Second try'))
    await user.click(screen.getByRole('tab', { name: /^Calls/ }))
    const calls = screen.getByRole('tabpanel', { name: /^Calls/ }).textContent
    expect(calls).toContain('Attempt 1 server error: HTTP 503')
    expect(calls).toContain('attempt 2')
  })

  it('is told from one whose phase has closed', async () => {
    const user = userEvent.setup()
    const held = withOneLost()
    const phases = [phase('propose', 0, { state: 'done', received: 2, failed: 1 }), phase('critique', 1, { state: 'running' })]
    open({ ...held, phases })
    await screen.findByRole('heading', { level: 1 })
    await user.click(within(card('agent-001')).getByRole('button', { name: 'agent-001' }))
    await user.click(screen.getByRole('tab', { name: /^Calls/ }))
    expect(screen.getByRole('tabpanel', { name: /^Calls/ }).textContent).toContain('Its phase has closed')
    expect(screen.queryByRole('button', { name: 'Retry this call' })).toBeNull()
  })
})

describe('the page of an ended run', () => {
  const done = () =>
    board({
      row: { status: 'COMPLETED', ended_at: start + 60_000, end_reason: 'ranked', leader_id: 'agent-002', score: 0.92 },
      phases: [phase('score', 1, { state: 'done', received: 3 })],
      calls: ['agent-001', 'agent-002', 'agent-003'].map((id) => call(id, 'propose', 0)),
      versions: ['agent-001', 'agent-002', 'agent-003'].map((id) => version(id, 0, `Text of ${id}, retry all 5xx.`)),
      critiques: [critique('agent-001', 'agent-002', 1, 0.7, [problem('P1', 'retry all 5xx', 19)])],
      spec: { requirements: [{ id: 'R1', text: 'Charges once.' }] },
      ranking: [
        { ...ranked('agent-002', 1, 0.92), requirements: [{ requirement_id: 'R1', met: 1, judged: 1 }] },
        ranked('agent-001', 2, 0.86),
        ranked('agent-003', 3, null),
      ],
      scores: [
        {
          scorer_id: 'agent-001',
          at: start,
          scores: [
            {
              author_id: 'agent-002',
              position: 0,
              criteria: [{ name: 'Safety', stated: 9, expected: 9.2, reason: 'Never charges twice.' }],
              requirements: [{ requirement_id: 'R1', met: true, quote: 'a key per order', anchor: null }],
            },
          ],
        },
      ],
      agreement: 0.71,
      selection: { by: 'rank', agent_id: 'agent-002', reason: 'The highest score.', architect_error: null },
    })

  it('shows the winner, why it won, and the reasons of its scores', async () => {
    open(done())
    await screen.findByRole('heading', { level: 1, name: /agent-002 wins: 0.92 to 0.86/ })
    const result = screen.getByRole('region', { name: 'Result' })
    expect(result.textContent).toContain('The highest score.')
    expect(result.textContent).toContain('Never charges twice.')
    expect(within(result).getByRole('region', { name: /text of agent-002/ }).textContent).toContain('Text of agent-002')
  })

  it('shows how many peers found each requirement met, and the passage that they named', async () => {
    const user = userEvent.setup()
    open(done())
    const result = await screen.findByRole('region', { name: 'Result' })
    expect(within(result).getByText('Charges once.', { exact: false }).closest('li')?.textContent).toContain('met by 1 of 1')
    await user.click(within(result).getByRole('button', { name: 'All scores' }))
    const panel = await screen.findByRole('tabpanel', { name: /^Scores/ })
    expect(panel.textContent).toContain('a key per order')
    expect(panel.textContent).toContain('unanchored: this passage is not in the text')
  })

  it('shows the samples of a baseline apart from the ranking, and in a sentence what the debate gained', async () => {
    const held = done()
    const sample = (id: string, more: Partial<Baseline['samples'][number]>) => ({
      sample_id: id,
      call: call(id, 'propose', 0),
      content: `Text of ${id}.`,
      checks: [],
      place: ranked(id, 1, 0.8),
      ...more,
    })
    const baseline: Baseline = {
      skipped: null,
      samples: [
        sample('sample-01', {}),
        sample('sample-02', { call: failedCall('sample-02', 'propose', 0, 'timeout'), content: null, place: null }),
      ],
      comparison: {
        winner_score: 0.92,
        best_score: 0.8,
        best_id: 'sample-01',
        finals_mean: 0.89,
        samples_mean: 0.8,
        gain: 0.12,
        mean_gain: 0.09,
        debate_tokens: 900,
        sample_tokens: 800,
        statement: 'The winner scores 0.92, the best of 1 independent sample 0.80: a gain of 0.12.',
      },
    }
    const spec = {
      ...held.spec,
      baseline: { agents: [agent('sample-01'), agent('sample-02')], debate_tokens: 900, sample_tokens: 800 },
    }
    open({ ...held, spec, baseline })
    const block = await screen.findByRole('region', { name: 'Baseline' })
    expect(block.textContent).toContain('a gain of 0.12.')
    expect(block.textContent).toMatch(/1 of 2.samples of Model M/)
    const table = within(block).getByRole('table', { name: 'Samples of the baseline' })
    expect(within(table).getByRole('row', { name: /^sample-01/ }).textContent).toContain('0.80')
    expect(within(table).getByRole('row', { name: /^sample-02/ }).textContent).toContain('timed out: HTTP 503')
    expect(screen.getByRole('table', { name: 'Ranking' }).textContent).not.toContain('sample-01')
  })

  it('says why a score is missing instead of showing a number', async () => {
    open(done())
    const table = await screen.findByRole('table', { name: 'Ranking' })
    expect(within(table).getAllByText('none: nobody has scored it').length).toBeGreaterThan(0)
  })

  it('opens an agent’s details by key and keeps the choice in the address', async () => {
    const user = userEvent.setup()
    open(done())
    await user.click(within(await screen.findByRole('table', { name: 'Ranking' })).getByRole('button', { name: 'agent-002' }))
    await user.keyboard('{ArrowDown}{Enter}')
    await screen.findByRole('complementary', { name: 'agent-001' })
    expect(window.location.search).toBe('?agent=agent-001')
    await user.click(screen.getByRole('tab', { name: /^Calls/ }))
    expect(window.location.search).toBe('?agent=agent-001&tab=calls')
    expect(screen.getByRole('tabpanel', { name: /^Calls/ }).textContent).toContain('Propose')
  })
})

describe('what a critic quotes', () => {
  it('is lit up and reached from its problem, and the problem from it', async () => {
    Element.prototype.scrollIntoView = () => undefined
    const user = userEvent.setup()
    const held = running()
    open({ ...held, critiques: [critique('agent-002', 'agent-001', 1, 0.7, [problem('P1', 'answer', 5)])] })
    const details = await screen.findByRole('complementary', { name: 'agent-001' })
    const [inText, inList] = within(details).getAllByRole('button', { name: 'P1' })
    if (!inText || !inList) throw new Error('The problem is not marked twice.')
    await user.click(inList)
    expect(document.activeElement).toBe(inText)
    expect(details.querySelector('mark')?.classList.contains('linked')).toBe(true)
    await user.keyboard('{Enter}')
    expect(document.activeElement).toBe(inList)
  })
})

describe('a run that cannot be shown', () => {
  const refused = (error: ConsoleError) => {
    const console = pages.host({
      deliberation: {
        watch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
      },
    })
    console.show(<BoardPage taskId="run" />)
  }

  it.each([
    ['was never seen', new ConsoleError('not-found', 'There is no run.'), 'No run with this id was ever seen here'],
    ['was removed by retention', new ConsoleError('expired', 'Removed.'), 'This run was removed'],
  ])('says that it %s', async (_, error, words) => {
    refused(error)
    await screen.findByRole('heading', { level: 1, name: words })
  })
})
