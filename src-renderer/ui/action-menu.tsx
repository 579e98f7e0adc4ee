import { Menu } from '@mantine/core'
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
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button icon="more" label={label} {...look} />
      </Menu.Target>
      <Menu.Dropdown>
        {ids.map((id) => (
          <ActionItem key={id} id={id} />
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function ActionItem({ id }: { id: string }) {
  const found = useAction(id)
  if (found === null) return null
  const { action, chord, run } = found
  const reason = action.available === true ? null : action.available.reason
  return (
    <Menu.Item
      className={reason === null ? undefined : 'action-off'}
      aria-disabled={reason === null ? undefined : true}
      closeMenuOnClick={reason === null}
      onClick={reason === null ? run : undefined}
      rightSection={chord === null ? undefined : <Kbd chord={chord} />}
    >
      {action.title}
      {reason !== null && <span className="action-reason">{reason}</span>}
    </Menu.Item>
  )
}
