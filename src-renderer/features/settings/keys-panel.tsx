import { Checkbox, Select, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useState } from 'react'
import type { ApiKeyView, NewApiKey } from '../../../src-preload/contract/key.ts'
import { useHost } from '../../lib/console.tsx'
import { useStream } from '../../lib/use-stream.ts'
import { Absent } from '../../ui/absent.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { KeyValue } from '../../ui/key-value.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Ago } from '../../ui/quantities.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

const scopes: readonly { readonly value: NewApiKey['scopes'][number]; readonly label: string }[] = [
  { value: 'chat', label: 'Chat and completions' },
  { value: 'embeddings', label: 'Embeddings' },
  { value: 'batches', label: 'Batches' },
  { value: 'files', label: 'Files' },
  { value: 'deliberations', label: 'Deliberations' },
  { value: 'read', label: 'Reading everything' },
]
const tiers: readonly { readonly value: NewApiKey['tier']; readonly label: string }[] = [
  { value: 'free', label: 'free: 10 a minute, 100 an hour' },
  { value: 'basic', label: 'basic: 30 a minute, 500 an hour' },
  { value: 'premium', label: 'premium: 100 a minute, 2,000 an hour' },
  { value: 'enterprise', label: 'enterprise: 1,000 a minute, 10,000 an hour' },
  { value: 'owner', label: 'owner: no limit' },
]

/** Keys that were given to programs and people: made here, shown once, revoked here. */
export function KeysPanel() {
  const host = useHost()
  const [making, setMaking] = useState(false)
  const { value, error, state } = useStream('api-keys', {
    open: (signal) => host.key.watch({}, signal),
    fold: (_: readonly ApiKeyView[] | null, { keys }) => keys,
  })
  const keys = value ?? []
  return (
    <Panel
      title="API keys"
      note="for programs that are not to have the token: each with what it may do and how often"
      aside={
        <Button command size="sm" onClick={() => setMaking(true)}>
          New key…
        </Button>
      }
      flush={keys.length > 0}
    >
      {keys.length > 0 ? (
        <DataTable label="API keys" columns={columns} rows={keys} rowKey={({ id }) => id} stale={state !== 'live'} />
      ) : (
        <EmptyState title={value !== null ? 'None' : error === null ? 'They have not arrived yet' : 'They could not be read'}>
          {error?.message ?? 'Only the token of the HTTP API opens it.'}
        </EmptyState>
      )}
      {making && <NewKeyDialog onClose={() => setMaking(false)} />}
    </Panel>
  )
}

const columns: readonly Column<ApiKeyView>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => <span className="med">{name}</span> },
  { id: 'hint', header: 'Ends with', width: '96px', mono: true, cell: ({ hint }) => `…${hint}` },
  { id: 'scopes', header: 'May', cell: ({ scopes }) => scopes.join(', ') },
  { id: 'tier', header: 'Tier', width: '96px', cell: ({ tier }) => tier },
  {
    id: 'used',
    header: 'Last used',
    width: '96px',
    num: true,
    wide: true,
    cell: ({ last_used_at }) =>
      last_used_at === null ? <Absent reason="Not since this host was started." /> : <Ago at={last_used_at} />,
  },
  { id: 'made', header: 'Made', width: '84px', num: true, wide: true, cell: ({ created_at }) => <Ago at={created_at} /> },
  {
    id: 'actions',
    header: <span className="sr">Actions</span>,
    width: '96px',
    num: true,
    cell: (view) => <Revoke view={view} />,
  },
]

function Revoke({ view }: { view: ApiKeyView }) {
  const host = useHost()
  const [asking, setAsking] = useState(false)
  const revoke = async () => {
    await host.key.revoke({ id: view.id })
    notify({ tone: 'good', title: `The key ${view.name} is revoked` })
  }
  return (
    <>
      <Button command size="sm" onClick={() => setAsking(true)}>
        Revoke…
      </Button>
      {asking && (
        <FormDialog
          title={`Revoke ${view.name}?`}
          confirm="Revoke it for good"
          danger
          onConfirm={revoke}
          onClose={() => setAsking(false)}
        >
          <KeyValue
            left
            items={[
              ['Stops', 'every further request with this key: it is refused with 401'],
              ['Goes on', 'requests under way, and the batches and runs that it submitted'],
              ['Cannot be', 'undone: whoever used it needs a new key'],
            ]}
          />
        </FormDialog>
      )}
    </>
  )
}

function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const host = useHost()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>(['chat', 'embeddings', 'batches', 'files'])
  const [tier, setTier] = useState<NewApiKey['tier']>('basic')
  const [made, setMade] = useState<string | null>(null)
  if (made !== null) return <MadeKey name={name.trim()} value={made} onClose={onClose} />
  const wanted = scopes.filter(({ value }) => chosen.includes(value)).map(({ value }) => value)
  return (
    <FormDialog
      title="New API key"
      confirm="Make the key"
      reason={name.trim() === '' ? 'Give it a name.' : wanted.length === 0 ? 'Choose what it may do.' : undefined}
      onConfirm={async () => {
        const { key } = await host.key.create({ name, scopes: wanted, tier })
        setMade(key)
        // The dialog stays, with the key in it.
        await new Promise(() => undefined)
      }}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        placeholder="nightly summaries"
        maxLength={60}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox.Group label="May be used for" value={[...chosen]} onChange={setChosen}>
        <div className="stack gap-1">
          {scopes.map(({ value, label }) => (
            <Checkbox key={value} value={value} label={label} />
          ))}
        </div>
      </Checkbox.Group>
      <Select
        label="How often"
        data={[...tiers]}
        value={tier}
        onChange={(value) => setTier(tiers.find((one) => one.value === value)?.value ?? 'basic')}
        allowDeselect={false}
      />
    </FormDialog>
  )
}

/** The only time the key is seen. */
function MadeKey({ name, value, onClose }: { name: string; value: string; onClose: () => void }) {
  const clipboard = useClipboard()
  return (
    <FormDialog
      command={false}
      title={`The key ${name}`}
      confirm="I have kept it"
      onConfirm={() => Promise.resolve()}
      onClose={onClose}
    >
      <p className="t12">Copy it now: only a digest of it is stored, and it cannot be shown again.</p>
      <span className="row">
        <span className="mono cut" data-testid="made-key">
          {value}
        </span>
        <Button size="sm" icon={clipboard.copied ? 'check' : 'copy'} onClick={() => clipboard.copy(value)}>
          {clipboard.copied ? 'Copied' : 'Copy'}
        </Button>
      </span>
    </FormDialog>
  )
}
