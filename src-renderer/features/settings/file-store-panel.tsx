import { PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Shape } from '../../ui/icons.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { fieldsOf, keysOf, problemsOf, storeOf, storeWords, type FileStoreView } from './file-store-fields.ts'

/** Where input and result files of batches are kept: beside the log, or in an S3-compatible store. */
export function FileStorePanel() {
  const host = useHost()
  const [view, setView] = useState<FileStoreView | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => {
    const reading = new AbortController()
    host.settings
      .fileStore({}, reading.signal)
      .then(setView, (fault: unknown) => reading.signal.aborted || setFailure(messageOf(fault)))
    return () => reading.abort()
  }, [host])
  if (view !== null) return <Choice view={view} onSaved={setView} />
  return (
    <Panel title="Files of batches">
      <EmptyState title={failure === null ? 'The host has not answered yet' : 'The setting could not be read'}>
        {failure ?? undefined}
      </EmptyState>
    </Panel>
  )
}

function Choice({ view, onSaved }: { view: FileStoreView; onSaved: (view: FileStoreView) => void }) {
  const host = useHost()
  const [failure, setFailure] = useState<string | null>(null)
  const form = useForm({ initialValues: fieldsOf(view.store), validate: (fields) => problemsOf(fields, view.has_keys) })
  const { kind } = form.values
  const save = form.onSubmit(async (fields) => {
    setFailure(null)
    const [store, keys] = [storeOf(fields), keysOf(fields)]
    try {
      await host.settings.saveFileStore({ store, ...(keys && { keys }) })
      const kept = { ...view, store, has_keys: view.has_keys || keys !== undefined }
      form.setInitialValues(fieldsOf(store))
      form.reset()
      onSaved(kept)
      notify({ tone: 'good', title: isAwaited(kept) ? 'Saved; it is used once Signalbox is started again' : 'Saved' })
    } catch (fault) {
      setFailure(messageOf(fault))
    }
  })
  return (
    <Panel
      title="Files of batches"
      note="what is kept already stays where it is"
      aside={
        <Segmented
          label="Where files of batches are kept"
          value={kind}
          options={[
            { value: 'directory', label: 'This machine' },
            { value: 's3', label: 'S3-compatible store' },
          ]}
          onChange={(chosen) => form.setFieldValue('kind', chosen)}
        />
      }
    >
      <form className="stack gap-3" onSubmit={save} noValidate>
        {isAwaited(view) && (
          <p className="row top t12" role="status">
            <Shape name="wait" /> New files go to {storeWords(view.store)} once Signalbox is started again; until then to{' '}
            {storeWords(view.in_use)}.
          </p>
        )}
        {view.store.kind === 's3' && !view.has_keys && (
          <p className="row top t12" role="status">
            <Shape name="warn" tone="warn" /> Its keys are not entered: no file can be kept or read until they are and Signalbox
            is started again.
          </p>
        )}
        {kind === 'directory' ? (
          <p className="t12 fg2">They lie in the folder above, under batch-files.</p>
        ) : (
          <div className="store-fields">
            <TextInput
              className="double"
              label="Endpoint"
              placeholder="https://s3.example.org"
              {...form.getInputProps('endpoint')}
            />
            <TextInput label="Bucket" {...form.getInputProps('bucket')} />
            <TextInput label="Region" {...form.getInputProps('region')} />
            {(['accessKey', 'secretKey'] as const).map((key) => (
              <PasswordInput
                key={key}
                className="double"
                label={key === 'accessKey' ? 'Access key' : 'Secret key'}
                autoComplete="off"
                placeholder={view.has_keys ? 'Kept; type to replace it' : ''}
                {...form.getInputProps(key)}
              />
            ))}
          </div>
        )}
        {failure !== null && (
          <p className="row top t12" role="alert">
            <Shape name="bad" tone="bad" /> {failure}
          </p>
        )}
        {(kind === 's3' || form.isDirty()) && (
          <div className="row">
            <Button
              command
              variant="primary"
              type="submit"
              pending={form.submitting}
              reason={form.isDirty() ? undefined : 'Nothing was changed.'}
            >
              {kind === 's3' ? 'Test and save' : 'Save'}
            </Button>
            {form.isDirty() && (
              <Button variant="quiet" onClick={form.reset}>
                Discard changes
              </Button>
            )}
            {kind === 's3' && <span className="t12 fg3">The test writes a small file, reads it and removes it again.</span>}
          </div>
        )}
      </form>
    </Panel>
  )
}

/** Whether the store that is set is not yet the one in use. */
function isAwaited({ store, in_use }: FileStoreView): boolean {
  return JSON.stringify(store) !== JSON.stringify(in_use)
}
