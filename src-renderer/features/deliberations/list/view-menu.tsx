import { Menu, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { SavedView } from '../../../../src-preload/contract/settings.ts'
import { usePreferences } from '../../../lib/shared-streams.tsx'
import { useActions } from '../../../lib/use-actions.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import type { View } from './views.ts'

interface ViewMenuProps {
  /** The view that is open, unchanged; null for a query of its own. */
  view: View | null
  views: readonly View[]
  /** What is on screen now, to be kept. */
  now: Omit<SavedView, 'name'>
  onOpen: (name: string) => void
}

/** Keeps the list on screen under a name; renames and removes what was kept. */
export function ViewMenu({ view, views, now, onOpen }: ViewMenuProps) {
  const { preferences, save } = usePreferences()
  const [naming, setNaming] = useState<'new' | 'rename' | null>(null)
  const own = view !== null && !view.shipped ? view : null
  const others = preferences.list_views.filter((one) => one.name !== own?.name)
  useActions([
    {
      id: 'deliberations.save-view',
      title: 'Save view',
      group: 'Deliberation',
      shortcut: 'mod+s',
      available: preferences.list_views.length < 50 ? true : { reason: '50 views are saved; remove one first.' },
      run: () => setNaming('new'),
    },
  ])
  const keep = async (name: string) => {
    const { q, sort, columns } = now
    await save({ list_views: [...(naming === 'rename' ? others : preferences.list_views), { name, q, sort, columns }] })
    onOpen(name)
  }
  const remove = async () => {
    await save({ list_views: others })
    onOpen('All')
  }
  return (
    <>
      {own === null ? (
        <ActionButton id="deliberations.save-view" variant="quiet" size="sm" icon="plus" withoutShortcut />
      ) : (
        <Menu position="bottom-start">
          <Menu.Target>
            <button type="button" className="btn quiet sm">
              View…
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setNaming('rename')}>Rename “{own.name}”</Menu.Item>
            <Menu.Item onClick={() => void remove()}>Remove “{own.name}”; no run is touched</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {naming !== null && (
        <NameDialog
          title={naming === 'new' ? 'Save this view' : 'Rename the view'}
          first={naming === 'rename' ? (own?.name ?? '') : ''}
          taken={views.filter((one) => one !== own).map((one) => one.name)}
          onName={keep}
          onClose={() => setNaming(null)}
        />
      )}
    </>
  )
}

interface NameDialogProps {
  title: string
  first: string
  taken: readonly string[]
  onName: (name: string) => Promise<void>
  onClose: () => void
}

function NameDialog({ title, first, taken, onName, onClose }: NameDialogProps) {
  const [name, setName] = useState(first)
  const trimmed = name.trim()
  const problem = taken.includes(trimmed) ? 'There is a view of this name already.' : null
  return (
    <FormDialog
      command={false}
      title={title}
      confirm="Save"
      size="sm"
      reason={trimmed === '' ? 'It needs a name.' : (problem ?? undefined)}
      onConfirm={() => onName(trimmed)}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="Query, order and columns are kept under it."
        value={name}
        maxLength={40}
        error={problem}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
