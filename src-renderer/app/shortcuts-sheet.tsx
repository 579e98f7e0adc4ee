import { Modal } from '@mantine/core'
import { chordFor } from '../lib/actions.ts'
import { settingsRoute } from '../lib/routes.ts'
import { usePreferences } from '../lib/shared-streams.tsx'
import { useActionState } from '../lib/use-actions.ts'
import { Kbd } from '../ui/kbd.tsx'
import { SectionTitle } from '../ui/panel.tsx'
import { RouteLink } from '../ui/route-link.tsx'
import './shortcuts-sheet.css'

const rowKeys = [
  ['up', 'Row above'],
  ['down', 'Row below'],
  ['enter', 'Open the row'],
  ['tab', 'Next control'],
] as const

/** What every key does here and now. */
export function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  const { actions } = useActionState()
  const { preferences } = usePreferences()
  const bound = actions.flatMap((action) => {
    const chord = chordFor(action, preferences.shortcuts)
    return chord === null ? [] : [{ ...action, chord }]
  })
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts" size="lg">
      <div className="shortcut-groups">
        {[...Map.groupBy(bound, (action) => action.group)].map(([group, members]) => (
          <section key={group}>
            <SectionTitle>{group}</SectionTitle>
            {members.map((action) => (
              <Line key={action.id} chord={action.chord} words={action.title} off={action.available !== true} />
            ))}
          </section>
        ))}
        <section>
          <SectionTitle>Rows</SectionTitle>
          {rowKeys.map(([chord, words]) => (
            <Line key={chord} chord={chord} words={words} />
          ))}
        </section>
      </div>
      <p className="t12 fg3 sheet-foot">
        Greyed: not available on this page now. Keys can be changed in{' '}
        <span onClickCapture={onClose}>
          <RouteLink to={settingsRoute('shortcuts')}>Settings, Shortcuts</RouteLink>
        </span>
        .
      </p>
    </Modal>
  )
}

function Line({ chord, words, off = false }: { chord: string; words: string; off?: boolean | undefined }) {
  return (
    <div className={off ? 'shortcut-line fg3' : 'shortcut-line'}>
      <span className="cut">{words}</span>
      <Kbd chord={chord} />
    </div>
  )
}
