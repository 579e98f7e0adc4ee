import { useState, type KeyboardEvent } from 'react'
import { chordConflicts, chordFor, type ActionDescription } from '../../lib/actions.ts'
import { chordLabel, chordOf } from '../../lib/chords.ts'
import { usePreferences } from '../../lib/shared-streams.tsx'
import { useActionState } from '../../lib/use-actions.ts'
import { Absent } from '../../ui/absent.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

export function ShortcutsTab() {
  const { known } = useActionState()
  const { preferences, save } = usePreferences()
  const overrides = preferences.shortcuts
  const [listening, setListening] = useState<string | null>(null)
  const conflicts = chordConflicts(known, overrides)
  const store = (shortcuts: Readonly<Record<string, string>>) => {
    setListening(null)
    save({ shortcuts }).catch((fault: unknown) => notifyFailure('The shortcut was not saved', fault))
  }
  const bind = (id: string, chord: string) => store({ ...overrides, [id]: chord })
  const reset = (id: string) => store(Object.fromEntries(Object.entries(overrides).filter(([each]) => each !== id)))
  const sorted = known.toSorted((a, b) => a.group.localeCompare(b.group) || a.title.localeCompare(b.title))
  const titles = new Map(known.map((action) => [action.id, action.title]))
  const columns: readonly Column<ActionDescription>[] = [
    { id: 'group', header: 'Where', width: '160px', cell: (action) => <span className="fg3">{action.group}</span> },
    { id: 'title', header: 'Action', cell: (action) => <span className="med">{action.title}</span> },
    {
      id: 'chord',
      header: 'Key',
      width: '150px',
      cell: (action) => {
        if (listening === action.id)
          return <KeyField title={action.title} onKey={(chord) => bind(action.id, chord)} onCancel={() => setListening(null)} />
        const chord = chordFor(action, overrides)
        return chord === null ? <Absent reason="It has no key; the palette runs it." /> : <Kbd chord={chord} />
      },
    },
    {
      id: 'conflict',
      header: 'Conflict',
      width: '240px',
      cell: (action) => {
        const chord = chordFor(action, overrides)
        const others = chord === null ? [] : (conflicts.get(chord) ?? []).filter((id) => id !== action.id)
        return others.length === 0 ? null : <Chip tone="warn">also {others.map((id) => titles.get(id) ?? id).join(', ')}</Chip>
      },
    },
    {
      id: 'change',
      header: <span className="sr">Change</span>,
      width: '220px',
      num: true,
      cell: (action) => (
        <>
          <Button size="sm" variant="quiet" label={`Change the key of ${action.title}`} onClick={() => setListening(action.id)}>
            Change
          </Button>
          <Button
            size="sm"
            variant="quiet"
            label={`None: take the key of ${action.title} away`}
            reason={chordFor(action, overrides) === null ? 'It has no key.' : undefined}
            onClick={() => bind(action.id, '')}
          >
            None
          </Button>
          <Button
            size="sm"
            variant="quiet"
            label={`Reset the key of ${action.title}`}
            reason={
              action.id in overrides
                ? undefined
                : `It is as shipped${action.shortcut === undefined ? '' : `: ${chordLabel(action.shortcut)}`}.`
            }
            onClick={() => reset(action.id)}
          >
            Reset
          </Button>
        </>
      ),
    },
  ]
  const changed = Object.keys(overrides).length
  return (
    <Panel
      title="Shortcuts"
      note={conflicts.size > 0 ? `${conflicts.size} keys are claimed twice` : 'no key is claimed twice'}
      aside={
        <Button size="sm" variant="quiet" reason={changed === 0 ? 'All are as shipped.' : undefined} onClick={() => store({})}>
          Reset all {changed > 0 && changed}
        </Button>
      }
      flush
    >
      <DataTable label="Shortcuts" columns={columns} rows={sorted} rowKey={(action) => action.id} />
    </Panel>
  )
}

/** Takes the next chord that is pressed; Esc leaves things as they are. */
function KeyField({ title, onKey, onCancel }: { title: string; onKey: (chord: string) => void; onCancel: () => void }) {
  const take = (event: KeyboardEvent<HTMLInputElement>) => {
    // Tab moves on, and the loss of focus cancels.
    if (event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    const chord = chordOf(event.nativeEvent)
    if (chord === 'esc') onCancel()
    else if (chord !== null) onKey(chord)
  }
  return (
    <input
      className="key-field"
      aria-label={`New key for ${title}`}
      placeholder="Press a key"
      readOnly
      autoFocus
      onKeyDown={take}
      onBlur={onCancel}
    />
  )
}
