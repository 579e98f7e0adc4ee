import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useState } from 'react'
import type * as z from 'zod'
import type { settings } from '../../../src-preload/contract/settings.ts'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Shape } from '../../ui/icons.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'

type DryRunServer = z.output<(typeof settings)['dryRunServer']['output']>
type TriedServer = NonNullable<z.output<(typeof settings)['saveDryRunServer']['output']>['tried']>
type KubeContext = z.output<(typeof settings)['kubeContexts']['output']>['contexts'][number]

/** What manifests in answers are tried against: the schemas that Kubernetes publishes, or a server that the operator's kubeconfig names. */
export function DryRunServerPanel() {
  const host = useHost()
  const [server, setServer] = useState<DryRunServer | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => {
    const reading = new AbortController()
    host.settings
      .dryRunServer({}, reading.signal)
      .then(setServer, (fault: unknown) => reading.signal.aborted || setFailure(messageOf(fault)))
    return () => reading.abort()
  }, [host])
  if (server !== null) return <Choice server={server} onSaved={setServer} />
  return (
    <Panel title="Dry runs of manifests">
      <EmptyState title={failure === null ? 'The host has not answered yet' : 'The setting could not be read'}>
        {failure ?? undefined}
      </EmptyState>
    </Panel>
  )
}

interface Fields {
  kind: DryRunServer['kind']
  kubeconfig: string
  context: string
  namespace: string
}

function Choice({ server, onSaved }: { server: DryRunServer; onSaved: (server: DryRunServer) => void }) {
  const host = useHost()
  const [failure, setFailure] = useState<string | null>(null)
  const [tried, setTried] = useState<TriedServer | null>(null)
  const form = useForm<Fields>({
    initialValues: fieldsOf(server),
    validate: ({ kind, context, namespace }) => ({
      context: kind === 'kubeconfig' && context === '' ? 'Which context?' : null,
      namespace:
        namespace === '' || /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)
          ? null
          : 'Lower-case letters, digits and hyphens, 63 at most.',
    }),
  })
  const { kind, kubeconfig, context } = form.values
  const { contexts, problem } = useContexts(kind === 'kubeconfig' ? kubeconfig.trim() : null)
  const chosen = contexts?.find((each) => each.name === context)
  const save = form.onSubmit(async (fields) => {
    setFailure(null)
    setTried(null)
    const wanted = serverOf(fields)
    try {
      const { tried: found } = await host.settings.saveDryRunServer({ server: wanted })
      form.setInitialValues(fieldsOf(wanted))
      form.reset()
      onSaved(wanted)
      setTried(found)
      if (found === null) notify({ tone: 'good', title: 'Saved' })
    } catch (fault) {
      setFailure(messageOf(fault))
    }
  })
  return (
    <Panel
      title="Dry runs of manifests"
      note="by the check of each final text"
      aside={
        <Segmented
          label="What manifests are tried against"
          value={kind}
          options={[
            { value: 'none', label: 'Shipped schemas' },
            { value: 'kubeconfig', label: 'Kubernetes server' },
          ]}
          onChange={(value) => form.setFieldValue('kind', value)}
        />
      }
    >
      <form className="stack gap-3" onSubmit={save} noValidate>
        {kind === 'none' ? (
          <p className="t12 fg2">
            Offline: fields, types and required values, but not what a server’s admission and quotas refuse.
          </p>
        ) : (
          <>
            <div className="store-fields">
              <TextInput
                className="double"
                label="Kubeconfig"
                placeholder="as kubectl: KUBECONFIG, else ~/.kube/config"
                {...form.getInputProps('kubeconfig')}
                error={problem}
              />
              <Select
                className="double"
                label="Context"
                data={[...new Set([...(contexts ?? []).map(({ name }) => name), ...(context === '' ? [] : [context])])]}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                nothingFoundMessage="The kubeconfig has none."
                searchable
                description={chosen ? (chosen.server ?? 'Its cluster is missing in the kubeconfig.') : undefined}
                {...form.getInputProps('context')}
              />
              <TextInput label="Namespace" placeholder={chosen?.namespace ?? 'default'} {...form.getInputProps('namespace')} />
            </div>
            <p className="t12 fg3">
              Each manifest is sent as a server-side dry run: the server judges it and keeps nothing. Credentials stay in the
              kubeconfig. Where the server does not answer, the shipped schemas stand in and the check says so.
            </p>
          </>
        )}
        {failure !== null && (
          <p className="row top t12" role="alert">
            <Shape name="bad" tone="bad" /> {failure}
          </p>
        )}
        {tried !== null && !form.isDirty() && (
          <p className="row top t12" role="status">
            <Shape name={tried.remark === null ? 'good' : 'warn'} tone={tried.remark === null ? 'good' : 'warn'} /> Connected to
            Kubernetes {tried.version}.{' '}
            {tried.remark === null ? 'A config map was tried and taken.' : `A config map was tried: ${tried.remark}.`}
          </p>
        )}
        {(kind === 'kubeconfig' || form.isDirty()) && (
          <div className="row">
            <Button command variant="primary" type="submit" pending={form.submitting}>
              {kind === 'none' ? 'Save' : form.isDirty() ? 'Test and save' : 'Test again'}
            </Button>
            {form.isDirty() && (
              <Button variant="quiet" onClick={form.reset}>
                Discard changes
              </Button>
            )}
          </div>
        )}
      </form>
    </Panel>
  )
}

const TYPING_MS = 400

/** The contexts of a kubeconfig as it is typed; `''`: the standard one, null: none is wanted. */
function useContexts(kubeconfig: string | null): { contexts: readonly KubeContext[] | null; problem: string | null } {
  const host = useHost()
  const [read, setRead] = useState<{ of: string; contexts: readonly KubeContext[]; problem: string | null } | null>(null)
  useEffect(() => {
    if (kubeconfig === null) return undefined
    const reading = new AbortController()
    const timer = setTimeout(() => {
      host.settings.kubeContexts({ kubeconfig: kubeconfig === '' ? null : kubeconfig }, reading.signal).then(
        ({ contexts }) => setRead({ of: kubeconfig, contexts, problem: null }),
        (fault: unknown) => reading.signal.aborted || setRead({ of: kubeconfig, contexts: [], problem: messageOf(fault) }),
      )
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      reading.abort()
    }
  }, [host, kubeconfig])
  return read !== null && read.of === kubeconfig ? read : { contexts: null, problem: null }
}

function fieldsOf(server: DryRunServer): Fields {
  if (server.kind === 'none') return { kind: 'none', kubeconfig: '', context: '', namespace: '' }
  const { kind, kubeconfig, context, namespace } = server
  return { kind, kubeconfig: kubeconfig ?? '', context, namespace: namespace ?? '' }
}

function serverOf({ kind, kubeconfig, context, namespace }: Fields): DryRunServer {
  if (kind === 'none') return { kind }
  return { kind, kubeconfig: kubeconfig.trim() || null, context, namespace: namespace.trim() || null }
}
