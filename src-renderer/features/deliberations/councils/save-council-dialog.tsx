import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { notify } from '../../../ui/notify.tsx'
import type { Draft } from '../launch/draft.ts'
import { councilAgents, councilConfig, idOfTitle } from './council-draft.ts'

interface SaveCouncilDialogProps {
  draft: Pick<Draft, 'role' | 'agents' | 'rounds' | 'revisionBy' | 'additionalChecks'>
  onSaved: (councilId: string) => void
  onClose: () => void
}

/** Keeps the form's agents, role and rounds under a name. */
export function SaveCouncilDialog({ draft, onSaved, onClose }: SaveCouncilDialogProps) {
  const host = useHost()
  const [title, setTitle] = useState('')
  const id = idOfTitle(title)
  const save = async () => {
    const { council } = await host.council.create({
      council: {
        council_id: id,
        title: title.trim(),
        role: draft.role,
        agents: councilAgents(draft.agents),
        config: councilConfig(draft),
      },
    })
    notify({ tone: 'good', title: `${council.title} saved`, body: 'Choose it in the launch form, or by its id over the API.' })
    onSaved(council.council_id)
  }
  return (
    <FormDialog
      title="Save these agents as a council"
      confirm="Save the council"
      reason={id === '' ? 'It needs a name.' : undefined}
      onConfirm={save}
      onClose={onClose}
    >
      <p className="t12 fg2">
        Keeps {format.counted(draft.agents.length, 'agent')} with model, temperature and persona, the role,{' '}
        {format.counted(draft.rounds, 'round')} who revises, and the checks of the run. Task, rubric and limits stay with the run.
      </p>
      <TextInput
        label="Name"
        data-autofocus
        maxLength={60}
        value={title}
        description={id === '' ? 'Letters or digits make its id.' : `Its id: ${id}`}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
