import { Modal } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { messageOf } from '../lib/failure.ts'
import { Button } from './button.tsx'
import { Shape } from './icons.tsx'

interface PreviewDialogProps {
  title: string
  /** What will happen, with numbers. */
  children: ReactNode
  /** The verb of the deed, e.g. `Remove, frees 2.1 GB`. */
  confirm: string
  danger?: boolean | undefined
  /** Why it cannot be done now. */
  reason?: string | undefined
  /** Enter does it at once: for what can be undone by the opposite. */
  atHand?: boolean | undefined
  /** A CSS width, for what needs more room than words. */
  size?: string | undefined
  onConfirm: () => Promise<unknown>
  onClose: () => void
}

/** Shows what a command will do before it does it. Stays open and says why when the command fails. */
export function PreviewDialog({
  title,
  children,
  confirm,
  danger = false,
  reason,
  atHand = false,
  size = 'md',
  onConfirm,
  onClose,
}: PreviewDialogProps) {
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
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
      <div className="stack gap-3">
        {children}
        {failure !== null && (
          <p className="row top t12" role="alert">
            <Shape name="bad" /> {failure}
          </p>
        )}
        <div className="row">
          <span className="push" />
          <Button variant="quiet" onClick={onClose}>
            Keep as it is
          </Button>
          <Button
            first={atHand}
            variant={danger ? 'danger-solid' : 'primary'}
            pending={pending}
            reason={reason}
            onClick={() => void go()}
          >
            {confirm}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
