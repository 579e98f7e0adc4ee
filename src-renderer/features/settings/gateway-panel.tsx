import { NumberInput, Switch } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { usePreferences, useReadOnly } from '../../lib/shared-streams.tsx'
import { useStream } from '../../lib/use-stream.ts'
import { Absent } from '../../ui/absent.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Id } from '../../ui/id.tsx'
import { KeyValue } from '../../ui/key-value.tsx'
import { notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import type { GatewayView } from '../../../src-preload/contract/settings.ts'

/** The HTTP API of this host: on or off, where it listens, and what a client needs. */
export function GatewayPanel() {
  const host = useHost()
  const { value, error } = useStream('gateway', {
    open: (signal) => host.settings.watchGateway({}, signal),
    fold: (_: GatewayView | null, view: GatewayView) => view,
  })
  return (
    <Panel
      title="HTTP API"
      note="for programs on this machine: submit, follow, read and cancel runs"
      aside={value && <State view={value} />}
    >
      {value === null ? (
        <EmptyState title={error === null ? 'The host has not answered yet' : 'The setting could not be read'}>
          {error?.message}
        </EmptyState>
      ) : (
        <div className="stack gap-3">
          {value.forced_port === null ? (
            <Wanted view={value} />
          ) : (
            <p className="t12 fg2">
              Started with --gateway-port {value.forced_port}: that holds until Signalbox is started without it. Loopback only;
              every request needs the token.
            </p>
          )}
          {value.state.kind === 'failed' && <p className="t12 bad">{value.state.reason}</p>}
          {value.state.kind === 'on' && <Access url={value.state.url} />}
          {value.state.kind === 'on' && <Aliases />}
        </div>
      )}
    </Panel>
  )
}

function State({ view: { state } }: { view: GatewayView }) {
  if (state.kind === 'on')
    return (
      <Chip plain tone="good">
        On
      </Chip>
    )
  return state.kind === 'off' ? <Chip plain>Off</Chip> : <Chip tone="bad">Failed</Chip>
}

function Wanted({ view }: { view: GatewayView }) {
  const host = useHost()
  const [edited, setEdited] = useState<number | string | null>(null)
  const [pending, setPending] = useState(false)
  const port = edited ?? view.port
  const isValid = typeof port === 'number' && port >= 0 && port <= 65_535
  const isOn = view.state.kind === 'on'
  const save = async (enabled: boolean) => {
    if (!isValid) return
    setPending(true)
    try {
      await host.settings.saveGateway({ enabled, port })
      setEdited(null)
    } catch (fault) {
      notifyFailure('The HTTP API was not changed', fault)
    } finally {
      setPending(false)
    }
  }
  return (
    <div className="row">
      <NumberInput
        aria-label="Port of the HTTP API; 0 takes any free one"
        className="days"
        prefix="port "
        min={0}
        max={65_535}
        allowDecimal={false}
        value={port}
        onChange={setEdited}
        error={!isValid}
      />
      {isOn && (
        <Button
          command
          pending={pending}
          reason={!isValid ? 'Between 0 and 65,535.' : port === view.port ? 'It listens there already.' : undefined}
          onClick={() => void save(true)}
        >
          Move
        </Button>
      )}
      <Button command pending={pending} reason={isValid ? undefined : 'Between 0 and 65,535.'} onClick={() => void save(!isOn)}>
        {isOn ? 'Switch off' : view.state.kind === 'failed' ? 'Try again' : 'Switch on'}
      </Button>
      <span className="fg3 t12">Loopback only; every request needs the token.</span>
    </div>
  )
}

function Access({ url }: { url: string }) {
  const example = `curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  -d '{"task":"Design a retry policy.","role":"DEV"}' ${url}/api/v1/deliberations`
  return (
    <>
      <KeyValue
        left
        items={[
          ['Address', <Id value={`${url}/api/v1`} />],
          ['Token', <Token />],
          ['Described at', <Id value={`${url}/api/v1/openapi.json`} />],
        ]}
      />
      <pre className="bundle" aria-label="Example" tabIndex={0}>
        {example}
      </pre>
    </>
  )
}

function Aliases() {
  const { preferences, save } = usePreferences()
  const readOnly = useReadOnly() !== null
  return (
    <Switch
      label="Figures at /metrics also under the names of other batch servers (ray_data_…, llm_…, sla_…)"
      checked={preferences.metric_aliases}
      disabled={readOnly}
      onChange={(event) =>
        void save({ metric_aliases: event.currentTarget.checked }).catch((fault: unknown) =>
          notifyFailure('The setting was not saved', fault),
        )
      }
    />
  )
}

/** Asked for when it is wanted, so that it is nowhere in the page before. */
function Token() {
  const host = useHost()
  const clipboard = useClipboard()
  const [shown, setShown] = useState<string | null>(null)
  const withToken = async (take: (token: string) => void) => {
    try {
      take((await host.settings.gatewayToken({})).token)
    } catch (fault) {
      notifyFailure('The token could not be read', fault)
    }
  }
  return (
    <span className="row">
      {shown === null ? <Absent reason="Not shown." /> : <span className="mono">{shown}</span>}
      <Button
        size="sm"
        variant="quiet"
        icon={clipboard.copied ? 'check' : 'copy'}
        onClick={() => void withToken((token) => clipboard.copy(token))}
      >
        {clipboard.copied ? 'Copied' : 'Copy token'}
      </Button>
      <Button size="sm" variant="quiet" onClick={() => (shown === null ? void withToken(setShown) : setShown(null))}>
        {shown === null ? 'Show' : 'Hide'}
      </Button>
    </span>
  )
}
