import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BatchRow, QueueEffect } from '../../../../src-preload/contract/batch.ts'
import { useShortcuts } from '../../../app/keyboard.ts'
import { batchLive, batchRow } from '../../../lib/sample-batches.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { BatchesPage } from './batches-page.tsx'

const HOUR = 3_600_000
const pages = setUpPages()

beforeEach(() => {
  window.history.replaceState(null, '', '/local/batches')
  // The virtual table asks its scroller how tall it is; without layout it would show nothing.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(1200)
})

afterEach(() => {
  vi.restoreAllMocks()
})

const now = Date.now()
const named = (name: string, more: Partial<BatchRow> = {}) =>
  batchRow({ batch_id: `batch_${name}`, name, status: 'queued', started_at: null, deadline: now + 24 * HOUR, ...more })

const effect: QueueEffect = {
  position: { now: 2, then: 1 },
  of: 2,
  passes: 1,
  lets_pass: 0,
  end: { now: null, then: null },
  others: [],
  basis: 'No rate was ever measured.',
}

function open(...rows: BatchRow[]) {
  const said: unknown[] = []
  const queries: unknown[] = []
  const live = rows.map((row) => batchLive({ batch_id: row.batch_id }))
  const wait = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve))
  const testing = pages.host({
    batch: {
      watchList: async function* ({ query }, signal) {
        queries.push(query)
        const from = query.after === undefined ? 0 : 1 + rows.findIndex(({ batch_id }) => batch_id === query.after)
        yield { type: 'snapshot', rows: rows.slice(from, from + query.limit), live, total: rows.length }
        await wait(signal)
      },
      watchMoving: async function* (_, signal) {
        yield { rows, live, shedding: null, counts: { all: 9, moving: 9, waiting: 9, at_risk: 2, failed: 0 } }
        await wait(signal)
      },
      queueEffect: (asked) => {
        said.push(asked)
        return Promise.resolve({ effect })
      },
      change: (asked) => {
        said.push(asked)
        return Promise.resolve({ row: rows[0]! })
      },
      resume: (asked) => {
        said.push(asked)
        return Promise.resolve({ row: rows[0]! })
      },
    },
  })
  testing.show(
    <>
      <Shortcuts />
      <BatchesPage />
    </>,
  )
  return { said, queries, actions: testing.actions }
}

function Shortcuts() {
  useShortcuts()
  return null
}

const rowOf = async (name: string) => (await screen.findByText(name)).closest('tr')!

describe('the list', () => {
  it('is read page by page to its end and back', async () => {
    open(...Array.from({ length: 150 }, (_, n) => named(`nr-${n}`)))
    expect(await screen.findByText(/1 to 100 of 150, newest first/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Newer' }).getAttribute('aria-disabled')).toBe('true')
    await userEvent.click(screen.getByRole('button', { name: 'Older' }))
    expect(await screen.findByText(/101 to 150 of 150/)).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Older' }).getAttribute('aria-disabled')).toBe('true')
    await userEvent.click(screen.getByRole('button', { name: 'Newer' }))
    expect(await screen.findByText(/1 to 100 of 150/)).toBeTruthy()
  })

  it('has those at risk on a page of their own, and says how many they are', async () => {
    const { queries } = open(named('late'))
    await rowOf('late')
    await userEvent.click(screen.getByRole('tab', { name: /At risk.*2/ }))
    await waitFor(() => expect(queries.at(-1)).toMatchObject({ sla: ['at_risk', 'breaching', 'breached'] }))
  })
})

describe('a row of the list', () => {
  it('is moved up by its key, after the list says what that does', async () => {
    const { said } = open(named('first'), named('second'))
    const row = await rowOf('second')
    row.focus()
    await userEvent.keyboard('{Alt>}{ArrowUp}{/Alt}')
    const dialog = await screen.findByRole('dialog', { name: 'Move up in the queue' })
    expect(await within(dialog).findByText(/goes before 1.batch: place 1 of 2 instead of 2/)).toBeTruthy()
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Move it up'))
    await userEvent.keyboard('{Enter}')
    const change = { priority_offset: 1 }
    await waitFor(() => expect(said).toContainEqual({ batch_id: 'batch_second', change }))
    expect(said.at(-1)).toEqual({ batch_id: 'batch_second', change })
    await waitFor(() => expect(document.activeElement).toBe(row))
  })

  it('has a menu with every action, off with the reason where it is not allowed', async () => {
    open(named('running', { status: 'in_progress', started_at: now, priority_offset: 2 }))
    await userEvent.click(await screen.findByRole('button', { name: 'Actions for running' }))
    const items = await screen.findAllByRole('menuitem')
    expect(items.map((item) => [item.textContent, item.getAttribute('aria-disabled')])).toEqual([
      [expect.stringMatching(/^Move up in the queue….*as far up as it goes/), 'true'],
      [expect.stringMatching(/^Move down in the queue…/), null],
      [expect.stringMatching(/^Start later….*It has begun already; pause it instead/), 'true'],
      [expect.stringMatching(/^Start now….*It has begun already/), 'true'],
      [expect.stringMatching(/^Pause…/), null],
      [expect.stringMatching(/^Clone…/), null],
      [expect.stringMatching(/^Cancel batch…/), null],
      [expect.stringMatching(/^Delete….*Cancel it first/), 'true'],
    ])
    expect(window.location.pathname).toBe('/local/batches')
    await userEvent.click(screen.getByRole('menuitem', { name: /^Clone/ }))
    await waitFor(() => expect(window.location.search).toBe('?from=batch_running'))
  })

  it('that waits is started later, at a time before its deadline', async () => {
    const { said } = open(named('night'))
    ;(await rowOf('night')).focus()
    await userEvent.keyboard('s')
    const dialog = await screen.findByRole('dialog', { name: 'Start later' })
    const field = within(dialog).getByLabelText('Start not before')
    await userEvent.clear(field)
    await userEvent.type(field, '2020-01-01T10:00')
    const confirm = () => within(dialog).getByRole('button', { name: /^Start (it then|\w)/ })
    expect(confirm().getAttribute('aria-disabled')).toBe('true')
    await userEvent.click(within(dialog).getByRole('button', { name: 'in 4 h' }))
    await userEvent.click(within(dialog).getByRole('button', { name: /^Start (?!it)/ }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
    const at = (said.at(-1) as { change: { not_before: number } }).change.not_before
    expect(Math.abs(at - (Date.now() + 4 * HOUR))).toBeLessThan(120_000)
  })

  it('that is paused is resumed at once, by its button and by its key', async () => {
    const { said } = open(named('held', { status: 'paused' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Resume held' }))
    await waitFor(() => expect(said).toEqual([{ batch_id: 'batch_held' }]))
    ;(await rowOf('held')).focus()
    await userEvent.keyboard('p')
    await waitFor(() => expect(said.length).toBe(2))
  })

  it('is what the palette acts on and names; without one it says how to choose', async () => {
    const { actions } = open(named('first'), named('second'))
    await rowOf('first')
    expect(actions.find('batch.up')).toMatchObject({
      available: { reason: expect.stringContaining('Choose a batch first') as string },
    })
    ;(await rowOf('second')).focus()
    await waitFor(() => expect(actions.find('batch.up')).toMatchObject({ available: true, about: 'second' }))
  })
})
