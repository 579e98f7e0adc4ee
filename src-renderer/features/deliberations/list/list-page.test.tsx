import { act, cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useShortcuts } from '../../../app/keyboard.ts'
import { testConsole } from '../../../lib/test-console.tsx'
import { board, start } from '../board/test-board.ts'
import { pushed } from '../board/test-stream.ts'
import type { ListUpdate, Row } from '../shapes.ts'
import { ListPage } from './list-page.tsx'

let close: (() => void)[] = []

beforeEach(() => {
  localStorage.clear()
  window.history.replaceState(null, '', '/local/deliberations')
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }))
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  )
  // The virtual table asks its scroller how tall it is; without layout it would show nothing.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(1200)
})

afterEach(() => {
  cleanup()
  close.forEach((each) => each())
  close = []
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const row = (id: string, more: Partial<Row> = {}): Row => board({ row: { task_id: id, title: `Task of ${id}`, ...more } }).row
const snapshot = (rows: Row[], total = rows.length): ListUpdate => ({
  type: 'snapshot',
  rows,
  total,
  counts: { all: total, running: rows.length, done: 0, failed: 0 },
})

function open(first: ListUpdate) {
  const list = pushed(first)
  const queries: { filter: string; text: string }[] = []
  const console = testConsole({
    answers: {
      deliberation: {
        watchList: ({ filter, text }, signal) => {
          queries.push({ filter, text })
          return list.follow(signal)
        },
      },
    },
  })
  close.push(console.close)
  console.show(
    <>
      <Shortcuts />
      <ListPage />
    </>,
  )
  return { list, queries, failures: console.failures }
}

function Shortcuts() {
  useShortcuts()
  return null
}

const table = () => screen.findByRole('table', { name: 'Deliberations' })

describe('the list of deliberations', () => {
  it('changes a row where it stands when its run changes', async () => {
    const first = row('b', { created_at: start + 1 })
    const second = row('a')
    const { list, failures } = open(snapshot([first, second]))
    await within(await table()).findByText('Task of a')
    const counts = { all: 2, running: 1, done: 1, failed: 0 }
    act(() =>
      list.push({
        type: 'changes',
        upserts: [{ ...second, status: 'COMPLETED', ended_at: start + 1000, end_reason: 'ranked' }],
        removed: [],
        total: 2,
        counts,
      }),
    )
    await within(await table()).findByText('Done')
    const titles = within(await table()).getAllByText(/^Task of/)
    expect(titles.map((each) => each.textContent)).toEqual(['Task of b', 'Task of a'])
    expect(failures).toEqual([])
  })

  it('opens a run with the keyboard alone', async () => {
    const user = userEvent.setup()
    open(snapshot([row('b', { created_at: start + 1 }), row('a')]))
    const rows = within(await table()).getAllByRole('row')
    act(() => rows[1]?.focus())
    await user.keyboard('{ArrowDown}{Enter}')
    await waitFor(() => expect(window.location.pathname).toBe('/local/deliberations/a'))
  })

  it('keeps filter and search in the address and lets the host do both', async () => {
    const user = userEvent.setup()
    const { queries } = open(snapshot([row('a')]))
    await table()
    await user.click(screen.getByRole('tab', { name: /^Running/ }))
    await user.keyboard('/')
    await user.keyboard('retry')
    await waitFor(() => expect(queries.at(-1)).toEqual({ filter: 'running', text: 'retry' }))
    expect(window.location.search).toBe('?filter=running&q=retry')
  })

  it('says how many there are when it does not show all', async () => {
    open(snapshot([row('a')], 53_572))
    await screen.findByText(/^First 1 of 53,572, newest first/)
  })

  it('says what will be here and offers the first action when there is nothing', async () => {
    open(snapshot([]))
    await screen.findByRole('heading', { level: 1, name: 'No deliberation yet' })
    expect(screen.getByText('Your deliberations will be here')).toBeTruthy()
  })

  it('marks runs of the starter model', async () => {
    open(snapshot([row('a', { starter: true })]))
    expect(await within(await table()).findByText('starter')).toBeTruthy()
  })
})
