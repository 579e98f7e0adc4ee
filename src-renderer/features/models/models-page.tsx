import { useState } from 'react'
import type { EngineView } from '../../../src-preload/contract/model.ts'
import { useActions } from '../../lib/use-actions.ts'
import { useModels } from '../../lib/use-models.ts'
import { ActionButton } from '../../ui/action-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page, PageContent, PageHeader } from '../../ui/page.tsx'
import { CataloguePanel } from './catalogue-panel.tsx'
import { EndpointDialog } from './endpoint-dialog.tsx'
import { EnginesPanel } from './engines-panel.tsx'
import { ImportDialog } from './import-dialog.tsx'
import { MachinePanel } from './machine-panel.tsx'
import { modelsVerdict } from './models-verdict.ts'
import { ServedPanel } from './served-panel.tsx'
import './models.css'

type Dialog = { kind: 'import' } | { kind: 'endpoint'; engine: EngineView | null } | null

/** Can this machine answer, and with what? */
export function ModelsPage() {
  const { value, state, error } = useModels()
  const [dialog, setDialog] = useState<Dialog>(null)
  const close = () => setDialog(null)
  useActions([
    {
      id: 'model.import',
      title: 'Import a GGUF file…',
      group: 'Models & engines',
      shortcut: 'i',
      available: true,
      command: true,
      run: () => setDialog({ kind: 'import' }),
    },
    {
      id: 'endpoint.add',
      title: 'Add an endpoint…',
      group: 'Models & engines',
      shortcut: 'e',
      available: true,
      command: true,
      run: () => setDialog({ kind: 'endpoint', engine: null }),
    },
  ])
  const verdict = modelsVerdict(value, error?.message ?? null)
  const stale = state !== 'live'
  return (
    <Page>
      <PageHeader
        crumb="Models & engines"
        verdict={verdict.text}
        shape={verdict.shape}
        tone={verdict.tone}
        why={verdict.why}
        stale={stale}
        actions={
          <>
            <ActionButton id="model.import" />
            <ActionButton id="endpoint.add" />
          </>
        }
      />
      <PageContent>
        {value === null ? (
          <EmptyState title={state === 'failed' ? 'The models could not be read' : 'The catalogue has not arrived yet'}>
            {error?.message}
          </EmptyState>
        ) : (
          <div className="stack gap-3">
            <CataloguePanel view={value} stale={stale} />
            <div className="models-cols">
              <div className="stack gap-3">
                <EnginesPanel
                  engines={value.engines}
                  stale={stale}
                  onEdit={(engine) => setDialog({ kind: 'endpoint', engine })}
                />
                <ServedPanel engines={value.engines} stale={stale} />
              </div>
              <MachinePanel view={value} />
            </div>
          </div>
        )}
      </PageContent>
      {dialog?.kind === 'import' && <ImportDialog onClose={close} />}
      {dialog?.kind === 'endpoint' && <EndpointDialog engine={dialog.engine} onClose={close} />}
    </Page>
  )
}
