import { Modal } from '@mantine/core'
import { useEffect, useState, type ReactNode } from 'react'
import { messageOf } from '../lib/failure.ts'
import { useReadOnly } from '../lib/shared-streams.tsx'
import { Button } from './button.tsx'
import { Shape } from './icons.tsx'

interface FormDialogProps {
  title: string
  /** What will happen, with numbers; or fields, in which Enter confirms. */
  children: ReactNode
  /** The verb of the deed, e.g. `Remove, frees 2.1 GB`. */
  confirm: string
  /** What it says to leave without it. */
  cancel?: string | undefined
  danger?: boolean | undefined
  /** Why it cannot be done now. */
  reason?: string | undefined
  /** Enter does it at once: for what can be undone by the opposite. */
  atHand?: boolean | undefined
  /** A CSS width, for what needs more room than words. */
  size?: string | undefined
  /** False where it changes only what the operator sees: read-only mode lets that be. */
  command?: boolean | undefined
  onConfirm: () => unknown
  onClose: () => void
}

/** Asks for what a command needs, or shows what it will do, before it is done. Stays open and says why when the command fails. */
export function FormDialog({
  title,
  children,
  confirm,
  cancel = 'Keep as it is',
  danger = false,
  reason,
  atHand = false,
  size = 'md',
  command = true,
  onConfirm,
  onClose,
}: FormDialogProps) {
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const readOnly = useReadOnly()
  const isOff = reason !== undefined || (command && readOnly !== null)
  useFocusBack()
  const go = async () => {
    setPending(true)
    setFailure(null)
    try {
      await onConfirm()
      onClose()
    } catch (fault) {
      setFailure(messageOf(fault))
      setPending(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={title} size={size}>
      <form
        className="stack gap-3"
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return
          event.preventDefault()
          event.stopPropagation()
          event.currentTarget.requestSubmit()
        }}
        onSubmit={(event) => {
          event.preventDefault()
          if (!isOff && !pending) void go()
        }}
      >
        {children}
        {failure !== null && (
          <p className="row top t12" role="alert">
            <Shape name="bad" /> {failure}
          </p>
        )}
        <div className="row">
          <span className="push" />
          <Button variant="quiet" onClick={onClose}>
            {cancel}
          </Button>
          <Button
            first={atHand}
            variant={danger ? 'danger-solid' : 'primary'}
            pending={pending}
            reason={reason}
            command={command}
            type="submit"
          >
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** Whoever had the focus when the dialog came has it again when it goes: the dialog is there only while it is open, which Mantine does not see. */
function useFocusBack(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      // After the dialog's own trap is gone.
      setTimeout(() => {
        const isNowhere = document.activeElement === null || document.activeElement === document.body
        if (isNowhere && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
      })
    },
    [before],
  )
}
