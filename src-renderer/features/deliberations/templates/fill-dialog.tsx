import { Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
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
    <Modal opened onClose={onClose} title="Fill in the task" size="lg">
      <form
        className="stack gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          change(fillPlaceholders(draft, values))
          onClose()
        }}
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
        <div className="row">
          <span className="push" />
          <Button variant="quiet" onClick={onClose}>
            Later
          </Button>
          <Button variant="primary" type="submit">
            Fill in
          </Button>
        </div>
      </form>
    </Modal>
  )
}
