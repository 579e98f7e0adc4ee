import { act, cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useShortcuts } from '../../../app/keyboard.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { board, start } from '../board/test-board.ts'
import { pushed } from '../board/test-stream.ts'
import type { RunQuery } from '../../../../src-preload/contract/deliberation.ts'
import type { ListUpdate, Row } from '../shapes.ts'
import { ListPage } from './list-page.tsx'

const browser = setUpPages()

beforeEach(() => {
  localStorage.clear()
  window.history.replaceState(null, '', '/local/deliberations')
  // The virtual table asks its scroller how tall it is; without layout it would show nothing.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(1200)
  vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockReturnValue(10_000_000)
  Element.prototype.scrollTo = function (this: Element, to?: ScrollToOptions | number) {
    this.scrollTop = typeof to === 'object' ? (to.top ?? 0) : 0
    queueMicrotask(() => this.dispatchEvent(new Event('scroll')))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
})

const row = (id: string, more: Partial<Row> = {}): Row => board({ row: { task_id: id, title: `Task of ${id}`, ...more } }).row
const by_status = { PENDING: 0, IN_PROGRESS: 1, COMPLETED: 0, FAILED: 0, TIMEOUT: 0, CANCELLED: 0 }
const changes = (more: Partial<Extract<ListUpdate, { type: 'changes' }>>): ListUpdate => ({
  type: 'changes',
  upserts: [],
  left: [],
  fresh: [],
  fresh_total: 0,
  by_status,
  ...more,
})

/** A host whose list has these rows first and `total` in all; every further place is a row named after it. */
function open(rows: Row[], { total = rows.length, at = '/local/deliberations' } = {}) {
  window.history.replaceState(null, '', at)
  const list = pushed<ListUpdate>({ type: 'snapshot', rows })
  const queries: RunQuery[] = []
  const pages: number[] = []
  const bulk: { action: string; runs: unknown }[] = []
  const console = browser.host({
    deliberation: {
      watchNewest: async function* (_, signal) {
        yield { type: 'snapshot', rows, counts: { all: total, running: rows.length, done: 0, failed: 0 } }
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
      watchList: async function* ({ query }, signal) {
        queries.push(query)
        for await (const update of list.follow(signal)) {
          yield update
          if (update.type === 'snapshot') yield { type: 'totals', total, by_status }
        }
      },
      listRows: ({ from, count }) => {
        pages.push(from)
        return Promise.resolve({ rows: Array.from({ length: count }, (_, index) => row(`place-${from + index}`)) })
      },
      previewBulk: ({ action, runs }) => {
        bulk.push({ action, runs })
        return Promise.resolve({
          runs: 2,
          by_status: { ...by_status, IN_PROGRESS: 2 },
          left_out: [{ reason: 'ended already', runs: 1, examples: ['a'] }],
        })
      },
      startBulk: ({ operation_id, action, runs }) => {
        bulk.push({ action, runs })
        const counts = { total: 2, done: 0, failed: 0, skipped: 0, failures: [] }
        return Promise.resolve({
          id: operation_id,
          action,
          state: 'running',
          ...counts,
          started_at: 0,
          ended_at: null,
          resumed: false,
        })
      },
      listTerms: () => Promise.resolve({ models: ['Qwen3 4B'] }),
    },
  })
  console.show(
    <>
      <Shortcuts />
      <ListPage />
    </>,
  )
  return {
    list,
    queries,
    pages,
    bulk,
    failures: console.failures,
    preferences: console.preferences,
    cancelWindows: console.cancelWindows,
  }
}

function Shortcuts() {
  useShortcuts()
  return null
}

const table = () => screen.findByRole('table', { name: 'Deliberations' })
const titles = async () =>
  within(await table())
    .getAllByText(/^Task of/)
    .map((each) => each.textContent)
const filterBox = () => screen.getByRole('searchbox')

describe('the list of deliberations', () => {
  it('changes a row where it stands when its run changes', async () => {
    const second = row('a')
    const { list, failures } = open([row('b'), second])
    await within(await table()).findByText('Task of a')
    act(() => list.push(changes({ upserts: [{ ...second, status: 'COMPLETED', ended_at: start + 1000, end_reason: 'ranked' }] })))
    await within(await table()).findByText('Done')
    expect(await titles()).toEqual(['Task of b', 'Task of a'])
    expect(failures).toEqual([])
  })

  it('opens a run with the keyboard alone', async () => {
    const user = userEvent.setup()
    open([row('b'), row('a')])
    const rows = within(await table()).getAllByRole('row')
    act(() => rows[1]?.focus())
    await user.keyboard('{ArrowDown}{Enter}')
    await waitFor(() => expect(window.location.pathname).toBe('/local/deliberations/a'))
  })

  it('keeps the query in the address and lets the host filter', async () => {
    const user = userEvent.setup()
    const { queries } = open([row('a')])
    await table()
    await user.keyboard('/')
    await user.keyboard('status:running retry')
    await waitFor(() => expect(queries.at(-1)?.filter).toMatchObject({ status: ['IN_PROGRESS'], text: 'retry' }))
    expect(new URLSearchParams(window.location.search).get('q')).toBe('status:running retry')
  })

  it('shows each condition of the text as a chip, and takes it out of the text with the chip', async () => {
    const user = userEvent.setup()
    open([row('a')], { at: '/local/deliberations?q=status%3Adone+role%3Aqa+retry' })
    await table()
    await user.click(screen.getByRole('button', { name: 'Without role qa' }))
    expect(filterBox()).toHaveProperty('value', 'status:done retry')
  })

  it('adds a condition from what the host knows', async () => {
    const user = userEvent.setup()
    open([row('a')])
    await table()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Qwen3 4B' }))
    expect(filterBox()).toHaveProperty('value', 'model:"Qwen3 4B"')
  })

  it('says what of the query it does not understand', async () => {
    open([row('a')], { at: '/local/deliberations?q=status%3Asleeping' })
    await screen.findByText(/^Not understood: status:sleeping is not known/)
  })

  it('says how many there are, and reads those that come into sight', async () => {
    const { pages } = open(
      Array.from({ length: 50 }, (_, index) => row(`first-${index}`)),
      { total: 4213 },
    )
    await screen.findByText('4,213 runs')
    act(() =>
      within(screen.getByRole('table', { name: 'Deliberations' }))
        .getAllByRole('row')[1]
        ?.focus(),
    )
    await userEvent.setup().keyboard('{End}')
    await waitFor(() => expect(pages.at(-1)).toBe(4200))
  })

  it('sorts in the host by the head of a column', async () => {
    const user = userEvent.setup()
    const { queries } = open([row('a')])
    await user.click(within(await table()).getByRole('button', { name: 'Cost' }))
    await waitFor(() => expect(queries.at(-1)?.order).toEqual({ by: 'cost', descending: true }))
    expect(window.location.search).toContain('sort=-cost')
  })

  it('lets new runs in at the top of the newest, and has them wait where the list is sorted otherwise', async () => {
    const first = open([row('a')])
    await table()
    act(() => first.list.push(changes({ fresh: [row('b')], fresh_total: 1 })))
    await waitFor(async () => expect(await titles()).toEqual(['Task of b', 'Task of a']))
    cleanup()
    const { list, queries } = open([row('a')], { at: '/local/deliberations?sort=-cost' })
    await table()
    act(() => list.push(changes({ fresh: [row('c')], fresh_total: 12 })))
    const user = userEvent.setup()
    await user.click(await screen.findByRole('button', { name: /^12 new/ }))
    await waitFor(() => expect(queries.length).toBe(2))
  })

  it('greys a run that matches no longer', async () => {
    const { list } = open([row('b'), row('a')])
    await table()
    act(() => list.push(changes({ left: ['a'] })))
    await waitFor(async () => expect(within(await table()).getAllByRole('row')[2]?.className).toContain('dim'))
  })

  it('marks with Space, and all that match whether they were read or not', async () => {
    const user = userEvent.setup()
    open([row('b'), row('a')], { total: 4213 })
    await screen.findByText('4,213 runs')
    act(() =>
      within(screen.getByRole('table', { name: 'Deliberations' }))
        .getAllByRole('row')[1]
        ?.focus(),
    )
    await user.keyboard(' ')
    await screen.findByText('1 marked')
    await user.click(screen.getByRole('button', { name: /^All 4,213 matching/ }))
    await screen.findByText('4,213 marked')
    await user.keyboard('{Shift>}{Escape}{/Shift}')
    await waitFor(() => expect(screen.queryByText(/marked/)).toBeNull())
  })

  it('shows what an action will do to the marked runs, and begins it when its cancel window is over', async () => {
    const user = userEvent.setup()
    const { bulk, cancelWindows } = open([row('b'), row('a')])
    await table()
    await user.click(screen.getByRole('checkbox', { name: 'Mark Task of b' }))
    await user.click(screen.getByRole('button', { name: /^Cancel/ }))
    const dialog = await screen.findByRole('dialog')
    await within(dialog).findByText('1 run left out, ended already: a')
    await user.click(within(dialog).getByRole('button', { name: /^Cancel 2\sruns/ }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    expect(bulk).toHaveLength(1)
    await act(() => cancelWindows.waiting()[0]?.act())
    expect(bulk).toEqual(Array(2).fill({ action: 'cancel', runs: { kind: 'some', ids: ['b'] } }))
    expect(screen.queryByText(/marked$/)).toBeNull()
  })

  it('keeps a list under a name, and opens it again from an address with that name alone', async () => {
    const user = userEvent.setup()
    const { preferences } = open([row('a')], { at: '/local/deliberations?q=role%3Aqa&sort=-cost' })
    await table()
    await user.keyboard('{Control>}s{/Control}')
    await user.type(await screen.findByLabelText(/^Name/), 'Dear ones{Enter}')
    await waitFor(() => expect(window.location.search).toBe('?view=Dear%20ones'))
    expect(preferences.value().list_views).toEqual([{ name: 'Dear ones', q: 'role:qa', sort: '-cost', columns: [] }])
    expect(screen.getByRole('tab', { name: 'Dear ones' }).getAttribute('aria-selected')).toBe('true')
    expect(filterBox()).toHaveProperty('value', 'role:qa')
  })

  it('shows the columns that were chosen, in their order', async () => {
    const user = userEvent.setup()
    const { preferences } = open([row('a')])
    await table()
    await user.click(screen.getByRole('button', { name: /^Columns/ }))
    await user.click(await screen.findByRole('checkbox', { name: 'Models' }))
    await waitFor(() => expect(preferences.value().list_columns.at(-1)).toEqual({ id: 'models', width: null }))
    expect(await within(await table()).findByRole('columnheader', { name: 'Models' })).toBeTruthy()
  })

  it('says what will be here and offers the first action when there is nothing', async () => {
    open([])
    await screen.findByRole('heading', { level: 1, name: 'No deliberation yet' })
    expect(await screen.findByText('Your deliberations will be here')).toBeTruthy()
  })

  it('marks runs of the starter model', async () => {
    open([row('a', { starter: true })])
    expect(await within(await table()).findByText('starter')).toBeTruthy()
  })
})
