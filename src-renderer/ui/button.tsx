import { Tooltip } from '@mantine/core'
import { useId, type MouseEvent, type ReactNode, type Ref } from 'react'
import { ariaChord } from '../lib/chords.ts'
import { useReadOnly } from '../lib/shared-streams.tsx'
import './button.css'
import { Icon, type IconName } from './icons.tsx'
import { Kbd } from './kbd.tsx'

export interface ButtonProps {
  children?: ReactNode
  variant?: 'default' | 'primary' | 'danger' | 'danger-solid' | 'quiet' | undefined
  size?: 'md' | 'sm' | undefined
  icon?: IconName | undefined
  /** Shown behind the words. */
  shortcut?: string | undefined
  /** Why it cannot be pressed now. The button keeps its place and says so. */
  reason?: string | undefined
  /** It leads to a change: read-only mode switches it off. */
  command?: boolean | undefined
  /** The command is on its way; a second press does nothing. */
  pending?: boolean | undefined
  /** Needed where there are no words. */
  label?: string | undefined
  type?: 'button' | 'submit' | undefined
  onClick?: ((event: MouseEvent<HTMLButtonElement>) => void) | undefined
  ref?: Ref<HTMLButtonElement> | undefined
  expanded?: boolean | undefined
  /** Has the focus first when its dialog opens. */
  first?: boolean | undefined
}

export function Button(props: ButtonProps) {
  const {
    children,
    variant = 'default',
    size = 'md',
    icon,
    shortcut,
    reason: why,
    command = false,
    pending = false,
    label,
    type = 'button',
    onClick,
    ref,
    expanded,
    first = false,
  } = props
  const readOnly = useReadOnly()
  const reason = (command ? readOnly : null) ?? why
  const reasonId = useId()
  const off = reason !== undefined || pending
  const iconOnly = children === undefined
  const classes = ['btn', variant, size === 'sm' ? 'sm' : '', iconOnly ? 'icon-only' : '', off ? 'off' : '']
    .filter(Boolean)
    .join(' ')
  const button = (
    <button
      ref={ref}
      type={type}
      className={classes}
      data-autofocus={first || undefined}
      aria-label={label}
      aria-disabled={off || undefined}
      aria-busy={pending || undefined}
      aria-expanded={expanded}
      aria-keyshortcuts={shortcut === undefined || shortcut === '' ? undefined : ariaChord(shortcut)}
      aria-describedby={reason === undefined ? undefined : reasonId}
      onClick={(event) => {
        if (off) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
      {shortcut !== undefined && shortcut !== '' && (
        <span className="key" aria-hidden="true">
          <Kbd chord={shortcut} />
        </span>
      )}
      {reason !== undefined && (
        <span id={reasonId} hidden>
          {reason}
        </span>
      )}
    </button>
  )
  const hint = reason ?? (iconOnly ? label : undefined)
  return (
    <Tooltip label={hint} disabled={hint === undefined}>
      {button}
    </Tooltip>
  )
}
