import { notifications } from '@mantine/notifications'
import { messageOf } from '../lib/failure.ts'
import { Shape } from './icons.tsx'

interface Toast {
  readonly tone: 'good' | 'info' | 'warn' | 'bad'
  readonly title: string
  readonly body?: string | undefined
  /** The same id replaces: one message per cause. */
  readonly id?: string | undefined
}

/** A message that goes by itself; bad ones stay until they are closed. */
export function notify({ tone, title, body, id }: Toast): void {
  const shown = {
    ...(id !== undefined && { id }),
    title,
    message: body ?? '',
    icon: <Shape name={tone} />,
    autoClose: tone === 'bad' ? false : 5_000,
    closeButtonProps: { 'aria-label': 'Close the message' },
  }
  if (id !== undefined) notifications.hide(id)
  notifications.show(shown)
}

/** Says what could not be done and why. */
export function notifyFailure(title: string, fault: unknown): void {
  notify({ tone: 'bad', title, body: messageOf(fault), id: `failure:${title}` })
}
