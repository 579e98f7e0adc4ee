import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { notify } from '../../../ui/notify.tsx'
import { idOfTitle } from '../councils/council-draft.ts'
import type { Draft } from '../launch/draft.ts'
import { NameDialog } from './name-dialog.tsx'
import { bracesOf } from '../../../../src-preload/contract/template.ts'
import { placeholdersOf } from './placeholders.ts'
import { templateRunOf } from './template-draft.ts'

/** Keeps the launch form under a name. */
export function SaveTemplateDialog({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const host = useHost()
  const asked = placeholdersOf(draft)
  return (
    <NameDialog
      heading="Save the form as a template"
      confirm="Save the template"
      first={{ title: '', description: '' }}
      hint={idHint}
      onConfirm={async ({ title, description }) => {
        await host.template.create({
          template: { template_id: idOfTitle(title), title, description, run: templateRunOf(draft) },
        })
        notify({ tone: 'good', title: `${title} saved`, body: 'It stands under Templates, beside the launch form.' })
      }}
      onClose={onClose}
    >
      <p className="t12 fg2">
        Keeps task, {format.counted(draft.requirements.length, 'requirement')}, role,{' '}
        {format.counted(draft.agents.length, 'agent')}, {format.counted(draft.rounds, 'round')}, rubric, options and limits.
        {draft.attachments.length > 0 && ' Files stay with the run.'}
      </p>
      <p className="t12 fg2">
        {asked.length === 0
          ? 'Write {{name}} in the task for what changes from run to run: it is asked for when the template is used.'
          : `Whoever uses it is asked for ${bracesOf(asked)}.`}
      </p>
    </NameDialog>
  )
}

/** What an id made of the title would be. */
export function idHint(title: string): string {
  const id = idOfTitle(title)
  return id === '' ? 'Letters or digits make its id.' : `Its id: ${id}`
}
