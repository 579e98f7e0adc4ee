import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { counted } from '../../lib/format.ts'
import { useStream } from '../../lib/use-stream.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { RoleEditor } from './role-editor.tsx'
import { newRole, type Role, type RoleView } from './role-fields.ts'

/** Roles on the left, the chosen one's editor on the right. */
export function RolesTab() {
  const host = useHost()
  const { value, error } = useStream('roles', {
    open: (signal) => host.settings.watchRoles({}, signal),
    fold: (_: readonly RoleView[] | null, { roles }) => roles,
  })
  const [chosen, setChosen] = useState<string | null>(null)
  const [added, setAdded] = useState<Role | null>(null)
  if (value === null)
    return (
      <EmptyState title={error === null ? 'The roles have not arrived yet' : 'The roles could not be read'}>
        {error?.message}
      </EmptyState>
    )
  const role = added ?? value.find((each) => each.name === chosen) ?? value[0]
  const choose = (name: string) => {
    setAdded(null)
    setChosen(name)
  }
  return (
    <div className="roles">
      <Panel
        title="Roles"
        note={counted(value.length, 'role')}
        aside={
          <Button size="sm" variant="quiet" icon="plus" onClick={() => setAdded(newRole())}>
            Add
          </Button>
        }
        flush
      >
        <ul className="role-list">
          {value.map((each) => (
            <li key={each.name}>
              <button
                type="button"
                aria-current={added === null && each.name === role?.name ? 'true' : undefined}
                onClick={() => choose(each.name)}
              >
                <span className="med cut">{each.title}</span>
                <span className="push t11 fg3">
                  {each.changed ? (each.builtin ? 'changed' : 'yours') : counted(each.rubric.length, 'criterion', 'criteria')}
                </span>
              </button>
            </li>
          ))}
          {added !== null && (
            <li>
              <button type="button" aria-current="true">
                <span className="med cut">New role</span>
                <span className="push t11 fg3">not saved</span>
              </button>
            </li>
          )}
        </ul>
      </Panel>
      {role !== undefined && (
        <RoleEditor
          key={added === null ? role.name : 'new'}
          role={role}
          stored={added === null ? (value.find((each) => each.name === role.name) ?? null) : null}
          taken={value.map((each) => each.name)}
          onSaved={choose}
        />
      )}
    </div>
  )
}
