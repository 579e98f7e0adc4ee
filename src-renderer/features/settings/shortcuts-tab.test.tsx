import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { setUpPages } from '../../lib/test-pages.tsx'
import { ShortcutsTab } from './shortcuts-tab.tsx'

const pages = setUpPages()
let console: ReturnType<typeof pages.host>

beforeEach(() => {
  localStorage.clear()
  console = pages.host()
  console.actions.describe([
    { id: 'launch', title: 'Launch', group: 'Work', shortcut: 'n' },
    { id: 'import', title: 'Import', group: 'Models', shortcut: 'i' },
  ])
})

const stored = () => console.preferences.value().shortcuts

describe('the shortcut list', () => {
  it('takes the next key that is pressed and shows whom it collides with', async () => {
    const user = userEvent.setup()
    console.show(<ShortcutsTab />)
    await user.click(screen.getByRole('button', { name: 'Change the key of Import' }))
    await user.keyboard('n')
    await waitFor(() => expect(stored()).toEqual({ import: 'n' }))
    await screen.findByText('also Launch')
    expect(screen.getByText('also Import')).toBeDefined()
  })

  it('Esc while it listens changes nothing', async () => {
    const user = userEvent.setup()
    console.show(<ShortcutsTab />)
    await user.click(screen.getByRole('button', { name: 'Change the key of Import' }))
    await user.keyboard('{Escape}')
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(stored()).toEqual({})
  })

  it('can take a key away and give the shipped one back', async () => {
    const user = userEvent.setup()
    console.show(<ShortcutsTab />)
    await user.click(screen.getByRole('button', { name: 'None: take the key of Launch away' }))
    await waitFor(() => expect(stored()).toEqual({ launch: '' }))
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Reset the key of Launch' }).getAttribute('aria-disabled')).toBeNull(),
    )
    await user.click(screen.getByRole('button', { name: 'Reset the key of Launch' }))
    await waitFor(() => expect(stored()).toEqual({}))
  })
})
