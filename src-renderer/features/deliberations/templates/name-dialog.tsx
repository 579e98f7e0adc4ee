import { Modal, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { messageOf } from '../../../lib/failure.ts'
import { Button } from '../../../ui/button.tsx'
import { Shape } from '../../../ui/icons.tsx'

export interface TemplateName {
  readonly title: string
  readonly description: string
}

interface NameDialogProps {
  heading: string
  confirm: string
  first: TemplateName
  /** What a title makes of the template, or why it cannot be used. */
  hint: (title: string) => string
  children?: ReactNode
  onConfirm: (name: TemplateName) => Promise<unknown>
  onClose: () => void
}

/** Asks for the name of a template and what it is for. Stays open and says why when it could not be kept. */
export function NameDialog({ heading, confirm, first, hint, children, onConfirm, onClose }: NameDialogProps) {
  const [title, setTitle] = useState(first.title)
  const [description, setDescription] = useState(first.description)
  const [failure, setFailure] = useState<string | null>(null)
  const [pending, setPending] = useState(false)
  const unnamed = title.trim() === ''
  const save = async () => {
    setPending(true)
    setFailure(null)
    try {
      await onConfirm({ title: title.trim(), description: description.trim() })
      onClose()
    } catch (fault) {
      setFailure(messageOf(fault))
      setPending(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={heading} size="md">
      <form
        className="stack gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (!unnamed && !pending) void save()
        }}
      >
        {children}
        <TextInput
          label="Name"
          data-autofocus
          maxLength={60}
          value={title}
          description={hint(title)}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          label="What it is for"
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
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
          <Button variant="primary" type="submit" pending={pending} reason={unnamed ? 'It needs a name.' : undefined}>
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
