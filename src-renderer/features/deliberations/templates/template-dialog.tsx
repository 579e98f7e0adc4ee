import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { notify } from '../../../ui/notify.tsx'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import { idOfTitle } from '../councils/council-draft.ts'
import type { Draft } from '../launch/draft.ts'
import type { TemplateView } from '../shapes.ts'
import { NameDialog } from './name-dialog.tsx'
import { idHint, SaveTemplateDialog } from './save-template-dialog.tsx'
import { draftOfTemplate, templateRunOf } from './template-draft.ts'

/** What is about to be done with a template. */
export type TemplateDeed =
  { readonly kind: 'save' } | { readonly kind: 'rename' | 'copy' | 'remove' | 'update'; readonly template: TemplateView }

/** Asks before one of these deeds is done. */
export function TemplateDialog({ deed, draft, onClose }: { deed: TemplateDeed; draft: Draft; onClose: () => void }) {
  const host = useHost()
  if (deed.kind === 'save') return <SaveTemplateDialog draft={draft} onClose={onClose} />
  const { template_id, title, description, run } = deed.template
  switch (deed.kind) {
    case 'rename':
      return (
        <NameDialog
          heading={`Rename ${title}`}
          confirm="Rename it"
          first={{ title, description }}
          hint={() => `Its id stays: ${template_id}`}
          onConfirm={(name) => host.template.change({ template_id, ...name })}
          onClose={onClose}
        />
      )
    case 'copy':
      return (
        <NameDialog
          heading={`Copy ${title}`}
          confirm="Copy it"
          first={{ title: `${title.slice(0, 51)}, my copy`, description }}
          hint={idHint}
          onConfirm={(name) => host.template.create({ template: { template_id: idOfTitle(name.title), ...name, run } })}
          onClose={onClose}
        />
      )
    case 'update':
      return (
        <FormDialog
          title={`Replace ${title} with the form?`}
          confirm="Replace it"
          onConfirm={async () => {
            await host.template.change({ template_id, run: templateRunOf(draft) })
            notify({ tone: 'good', title: `${title} replaced` })
          }}
          onClose={onClose}
        >
          <p className="t12 fg2">
            Its task, role, {format.counted(draftOfTemplate({ run }, []).agents.length, 'agent')}, rubric, options and limits are
            lost; those of the form take their place. Its name stays.
          </p>
        </FormDialog>
      )
    case 'remove':
      return (
        <FormDialog
          title={`Remove ${title}?`}
          confirm="Remove it"
          danger
          onConfirm={() => host.template.remove({ template_id })}
          onClose={onClose}
        >
          <p className="t12 fg2">
            Its task, role, rubric, options and limits are lost. Runs that were launched with it keep theirs.
          </p>
        </FormDialog>
      )
  }
}
