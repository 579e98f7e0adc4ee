import { useState } from 'react'
import type { CatalogueModel } from '../../../src-preload/contract/model.ts'
import { useHost } from '../../lib/console.tsx'
import { bytes, counted } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { KeyValue } from '../../ui/key-value.tsx'
import { notify, notifyFailure } from '../../ui/notify.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'

/** Get, cancel, try again, remove: whichever the model's state allows. `busy`: calls it answers now. */
export function ModelActions({ model, busy }: { model: CatalogueModel; busy: number }) {
  const host = useHost()
  const [asked, setAsked] = useState<CatalogueModel['state']['kind'] | null>(null)
  const [removing, setRemoving] = useState(false)
  const { kind } = model.state
  // What was asked for shows as pending until the state it was asked in has passed.
  const pending = asked === kind
  const ask = (title: string, command: () => Promise<unknown>) => {
    setAsked(kind)
    command().catch((fault: unknown) => {
      setAsked(null)
      notifyFailure(title, fault)
    })
  }
  const get = () => ask('The download did not start', () => host.model.download({ id: model.id }))
  switch (kind) {
    case 'absent':
      return (
        <Button
          command
          size="sm"
          variant={!model.fit.fits ? 'quiet' : model.recommended && !model.starter ? 'primary' : 'default'}
          icon="download"
          pending={pending}
          onClick={get}
        >
          Get, {bytes(model.size_bytes)}
        </Button>
      )
    case 'failed':
      return (
        <Button command size="sm" icon="retry" pending={pending} onClick={get}>
          Try again
        </Button>
      )
    case 'downloading':
      return (
        <Button
          command
          size="sm"
          pending={pending}
          onClick={() => ask('The download could not be stopped', () => host.model.cancelDownload({ id: model.id }))}
        >
          Cancel
        </Button>
      )
    case 'verifying':
      return null
    case 'ready':
      return (
        <>
          <Button
            command
            size="sm"
            reason={busy > 0 ? `${counted(busy, 'call')} of a run use it now.` : undefined}
            onClick={() => setRemoving(true)}
          >
            Remove…
          </Button>
          {removing && <RemoveDialog model={model} onClose={() => setRemoving(false)} />}
        </>
      )
  }
}

function RemoveDialog({ model, onClose }: { model: CatalogueModel; onClose: () => void }) {
  const host = useHost()
  const remove = async () => {
    const { freed_bytes } = await host.model.remove({ id: model.id })
    notify({ tone: 'good', title: `${model.name} removed`, body: `${bytes(freed_bytes)} freed.` })
  }
  return (
    <FormDialog
      title={`Remove ${model.name}?`}
      confirm={`Remove, frees ${bytes(model.size_bytes)}`}
      danger
      onConfirm={remove}
      onClose={onClose}
    >
      <KeyValue
        rules
        items={[
          ['Freed on disk', bytes(model.size_bytes)],
          ['Loaded now', model.loaded ? 'yes: the engine lets go of it first' : 'no'],
          ['Ended runs that used it', 'keep their texts and scores'],
          ['To have it again', `a download of ${bytes(model.size_bytes)}`],
        ]}
      />
    </FormDialog>
  )
}
