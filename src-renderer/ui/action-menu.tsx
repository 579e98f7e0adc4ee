import { Menu } from '@mantine/core'
import { useRef, type RefObject } from 'react'
import { useAction } from '../lib/use-actions.ts'
import './action-menu.css'
import { Button, type ButtonProps } from './button.tsx'
import { Kbd } from './kbd.tsx'

interface ActionMenuProps extends Pick<ButtonProps, 'size' | 'variant'> {
  label: string
  /** Of registered actions; those that nobody offers are left out. */
  ids: readonly string[]
}

/** Registered actions behind one button. Those that are off stay in it and say why. */
export function ActionMenu({ label, ids, ...look }: ActionMenuProps) {
  const button = useRef<HTMLButtonElement>(null)
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button ref={button} icon="more" label={label} {...look} />
      </Menu.Target>
      <Menu.Dropdown>
        {ids.map((id) => (
          <ActionItem key={id} id={id} button={button} />
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** The focus goes back to the menu's button first: a dialog that comes gives it back to where it was. */
function ActionItem({ id, button }: { id: string; button: RefObject<HTMLButtonElement | null> }) {
  const found = useAction(id)
  if (found === null) return null
  const { action, chord, run } = found
  const press = () => {
    button.current?.focus()
    run()
  }
  const reason = action.available === true ? null : action.available.reason
  return (
    <Menu.Item
      className={reason === null ? undefined : 'action-off'}
      aria-disabled={reason === null ? undefined : true}
      closeMenuOnClick={reason === null}
      onClick={reason === null ? press : undefined}
      rightSection={chord === null ? undefined : <Kbd chord={chord} />}
    >
      {action.title}
      {reason !== null && <span className="action-reason">{reason}</span>}
    </Menu.Item>
  )
}
