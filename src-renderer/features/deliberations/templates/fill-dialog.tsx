import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import type { Draft } from '../launch/draft.ts'
import { fillPlaceholders, placeholdersOf } from './placeholders.ts'

interface FillDialogProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  onClose: () => void
}

/** Asks for what stands in double braces in the task and its requirements. */
export function FillDialog({ draft, change, onClose }: FillDialogProps) {
  const [names] = useState(() => placeholdersOf(draft))
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  return (
    <FormDialog
      command={false}
      title="Fill in the task"
      confirm="Fill in"
      cancel="Later"
      size="lg"
      onConfirm={() => change(fillPlaceholders(draft, values))}
      onClose={onClose}
    >
      <p className="t12 fg2">What is left empty stays in the task in its braces and can be filled in there.</p>
      {names.map((name, at) => (
        <Textarea
          key={name}
          label={name}
          {...(at === 0 && { 'data-autofocus': true })}
          autosize
          minRows={1}
          maxRows={8}
          value={values[name] ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget
            setValues((held) => ({ ...held, [name]: value }))
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit()
          }}
        />
      ))}
    </FormDialog>
  )
}
