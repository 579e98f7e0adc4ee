import { CopyButton } from '@mantine/core'
import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { bytes } from '../../lib/format.ts'
import { saveFile } from '../../lib/save-file.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { DeadLettersPanel } from './dead-letters-panel.tsx'
import { LogCheckPanel } from './log-check-panel.tsx'

interface Bundle {
  readonly file_name: string
  readonly text: string
}

export function DiagnosticsTab() {
  return (
    <div className="stack gap-3">
      <DeadLettersPanel />
      <LogCheckPanel />
      <BundlePanel />
    </div>
  )
}

/** The bundle is read before it leaves the machine: nothing is sent from here. */
function BundlePanel() {
  const host = useHost()
  const [bundle, setBundle] = useState<Bundle | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [pending, setPending] = useState(false)
  const make = async () => {
    setPending(true)
    setFailure(null)
    try {
      setBundle(await host.settings.diagnostics({}))
    } catch (fault) {
      setFailure(messageOf(fault))
    }
    setPending(false)
  }
  return (
    <Panel
      title="Diagnostics bundle"
      note={
        bundle === null ? 'made on this machine, sent nowhere' : `${bundle.file_name}, ${bytes(new Blob([bundle.text]).size)}`
      }
      aside={
        bundle !== null && (
          <span className="row">
            <Button size="sm" icon="retry" pending={pending} onClick={() => void make()}>
              Make it again
            </Button>
            <CopyButton value={bundle.text}>
              {({ copied, copy }) => (
                <Button size="sm" icon={copied ? 'check' : 'copy'} onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
            <Button size="sm" icon="download" onClick={() => saveFile(bundle)}>
              Save
            </Button>
          </span>
        )
      }
      flush={bundle !== null}
    >
      {bundle === null ? (
        <EmptyState
          title={failure === null ? 'Read it before you pass it on' : 'The bundle could not be made'}
          actions={
            <Button size="sm" variant="primary" pending={pending} onClick={() => void make()}>
              Make the bundle
            </Button>
          }
        >
          {failure ??
            'It holds versions, settings, states of engines and models, and the last log lines. No keys, tokens, tasks or answers.'}
        </EmptyState>
      ) : (
        <pre className="bundle" tabIndex={0} aria-label="Text of the bundle">
          {bundle.text}
        </pre>
      )}
    </Panel>
  )
}
