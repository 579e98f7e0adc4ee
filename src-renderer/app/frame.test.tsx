import { Notifications } from '@mantine/notifications'
import { act, cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useSystem } from '../lib/shared-streams.tsx'
import { stubBrowser, systemView, testConsole } from '../lib/test-console.tsx'
import { useActions } from '../lib/use-actions.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { ConnectionBanner, ConnectionChip } from './connection-banner.tsx'
import { useShortcuts } from './keyboard.ts'
import { PageBoundary } from './page-boundary.tsx'

let console: ReturnType<typeof testConsole>

beforeEach(() => {
  localStorage.clear()
  stubBrowser()
  console = testConsole()
})

afterEach(() => {
  cleanup()
  console.close()
  vi.unstubAllGlobals()
})

function RunningRuns() {
  const { value, state } = useSystem()
  return (
    <p>
      {value?.running_runs ?? 'none'} {state}
    </p>
  )
}

describe('a value that follows the host', () => {
  it('changes with the stream, turns cached when the connection is lost and live again by itself', async () => {
    console.show(<RunningRuns />)
    await screen.findByText('0 live')
    act(() => console.system.push({ ...systemView, running_runs: 2 }))
    await screen.findByText('2 live')
    act(() => console.lose())
    await screen.findByText('2 cached')
    act(() => console.restore())
    await screen.findByText('2 live')
    expect(console.failures).toEqual([])
  })

  it('is followed no longer once nothing shows it', async () => {
    const { unmount } = console.show(<RunningRuns />)
    await screen.findByText('0 live')
    expect(console.system.readers).toBe(1)
    unmount()
    await expect.poll(() => console.system.readers).toBe(0)
  })
})

describe('the connection banner', () => {
  it('appears when the loss lasts, offers to try now, and goes when the host is back', async () => {
    console.show(
      <>
        <ConnectionChip />
        <ConnectionBanner />
      </>,
    )
    await screen.findByText('Live')
    act(() => console.lose())
    await screen.findByText(/^Reconnecting/)
    const banner = await screen.findByRole('status')
    expect(banner.textContent).toContain('The host cannot be reached.')
    expect(banner.textContent).toContain('What you see is the last known picture')
    act(() => console.restore())
    await screen.findByText('Live')
    expect(screen.queryByRole('status')).toBeNull()
  })
})

describe('an action', () => {
  const ran: string[] = []

  function Desk({ reason }: { reason?: string }) {
    useShortcuts()
    useActions([
      {
        id: 'run.cancel',
        title: 'Cancel run',
        group: 'Test',
        shortcut: 'x',
        available: reason === undefined ? true : { reason },
        run: () => void ran.push('cancel'),
      },
    ])
    return (
      <>
        <ActionButton id="run.cancel" />
        <input aria-label="Task" />
      </>
    )
  }

  beforeEach(() => {
    ran.length = 0
  })

  it('runs from its button and from its key', async () => {
    const user = userEvent.setup()
    console.show(<Desk />)
    await user.click(await screen.findByRole('button', { name: /^Cancel run/ }))
    await user.keyboard('x')
    expect(ran).toEqual(['cancel', 'cancel'])
  })

  it('does not run while someone writes into a field', async () => {
    const user = userEvent.setup()
    console.show(<Desk />)
    await user.type(screen.getByLabelText('Task'), 'xx')
    expect([ran, screen.getByLabelText<HTMLInputElement>('Task').value]).toEqual([[], 'xx'])
  })

  it('keeps its place while it is not available, and says why', async () => {
    const user = userEvent.setup()
    console.show(
      <>
        <Desk reason="The run has ended." />
        <Notifications />
      </>,
    )
    const button = await screen.findByRole('button', { name: 'Cancel run', description: 'The run has ended.' })
    await user.click(button)
    await user.keyboard('x')
    await screen.findByText('Not now: Cancel run')
    expect([ran, button.getAttribute('aria-disabled')]).toEqual([[], 'true'])
  })

  it('obeys a key that the operator chose, as soon as the host has stored it', async () => {
    const user = userEvent.setup()
    console.show(<Desk />)
    expect((await screen.findByRole('button', { name: 'Cancel run' })).getAttribute('aria-keyshortcuts')).toBe('X')
    await act(() => console.host.settings.savePreferences({ shortcuts: { 'run.cancel': 'shift+q' } }))
    await screen.findByText('Shift Q')
    await user.keyboard('x')
    await user.keyboard('{Shift>}Q{/Shift}')
    expect(ran).toEqual(['cancel'])
  })
})

describe('a page that fails to draw', () => {
  let broken = true
  function Broken() {
    if (broken) throw new Error('ranking is undefined')
    return <p>drawn</p>
  }

  it('says what failed and what still works, and can be drawn again', async () => {
    vi.spyOn(globalThis.console, 'error').mockReturnValue()
    vi.stubGlobal('reportError', () => {})
    const user = userEvent.setup()
    console.show(
      <PageBoundary name="Overview">
        <Broken />
      </PageBoundary>,
    )
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('The page “Overview” could not be drawn')
    expect(screen.getByText(/ranking is undefined/)).toBeDefined()
    broken = false
    await user.click(screen.getByRole('button', { name: 'Draw it again' }))
    expect(screen.getByText('drawn')).toBeDefined()
    vi.restoreAllMocks()
  })
})
