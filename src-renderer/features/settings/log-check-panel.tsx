import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { bytes, counted, duration } from '../../lib/format.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Panel } from '../../ui/panel.tsx'

interface Result {
  readonly problems: readonly string[]
  readonly bytes: number
  readonly took_ms: number
}

/** Reads the whole log for damage when somebody asks for it. */
export function LogCheckPanel() {
  const host = useHost()
  const [result, setResult] = useState<Result | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [pending, setPending] = useState(false)
  const check = async () => {
    setPending(true)
    setFailure(null)
    try {
      setResult(await host.settings.checkStorage({}))
    } catch (fault) {
      setFailure(messageOf(fault))
    }
    setPending(false)
  }
  return (
    <Panel
      title="The log’s file"
      note="checked in short whenever it is opened; in full here, while writes wait"
      aside={
        <Button size="sm" pending={pending} onClick={() => void check()}>
          Check it in full
        </Button>
      }
    >
      <div role="status" className="stack t12">
        {failure !== null ? (
          <span className="row">
            <Chip tone="bad">Not checked</Chip> {failure}
          </span>
        ) : result === null ? (
          <span className="fg3">Not checked in full since this page was opened.</span>
        ) : (
          <>
            <span className="row">
              {result.problems.length === 0 ? <Chip tone="good">Sound</Chip> : <Chip tone="bad">Damaged</Chip>}
              {bytes(result.bytes)} read in {duration(result.took_ms)}
              {result.problems.length > 0 &&
                `, ${counted(result.problems.length, 'problem')}: export what you need from the runs' pages, then restart Signalbox. It keeps the damaged file and takes over every run that can be read whole.`}
            </span>
            {result.problems.map((problem) => (
              <span key={problem} className="mono">
                {problem}
              </span>
            ))}
          </>
        )}
      </div>
    </Panel>
  )
}
