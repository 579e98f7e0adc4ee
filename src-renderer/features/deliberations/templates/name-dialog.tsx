import { TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { FormDialog } from '../../../ui/form-dialog.tsx'

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
  return (
    <FormDialog
      title={heading}
      confirm={confirm}
      reason={title.trim() === '' ? 'It needs a name.' : undefined}
      onConfirm={() => onConfirm({ title: title.trim(), description: description.trim() })}
      onClose={onClose}
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
    </FormDialog>
  )
}
