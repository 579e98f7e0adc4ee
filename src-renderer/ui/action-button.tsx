import type { ReactNode } from 'react'
import { useAction } from '../lib/use-actions.ts'
import { Button, type ButtonProps } from './button.tsx'

interface ActionButtonProps extends Pick<ButtonProps, 'variant' | 'size' | 'icon'> {
  /** Id of a registered action; nothing is drawn while nobody offers it. */
  id: string
  /** In place of the action's title. */
  children?: ReactNode
  /** For lists of many: no key beside the words. */
  withoutShortcut?: boolean | undefined
}

/** A button for a registered action: its words, its key, its reason while it is off. */
export function ActionButton({ id, children, withoutShortcut = false, ...look }: ActionButtonProps) {
  const found = useAction(id)
  if (found === null) return null
  const { action, chord, pending, run } = found
  return (
    <Button
      {...look}
      shortcut={withoutShortcut || chord === null ? undefined : chord}
      reason={action.available === true ? undefined : action.available.reason}
      pending={pending}
      onClick={run}
    >
      {children ?? action.title}
    </Button>
  )
}
