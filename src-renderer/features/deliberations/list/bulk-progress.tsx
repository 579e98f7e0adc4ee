import { useState } from 'react'
import type { BulkAction, BulkOperation } from '../../../../src-preload/contract/deliberation.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { useStream } from '../../../lib/use-stream.ts'
import { Button } from '../../../ui/button.tsx'
import { Shape } from '../../../ui/icons.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'

const RECENT_MS = 600_000
const doing: Readonly<Record<BulkAction, string>> = {
  cancel: 'Cancelling',
  archive: 'Archiving',
  restore: 'Restoring',
  delete: 'Deleting',
}

/** The operations on many runs that go on, and those that have just ended. */
export function BulkProgress() {
  const host = useHost()
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const { value } = useStream('bulk', {
    open: (signal) => host.deliberation.watchBulk({}, signal),
    fold: (_: readonly BulkOperation[] | null, update) => update.operations,
  })
  const now = Date.now()
  const shown = (value ?? []).filter(({ id, ended_at }) => !closed.has(id) && (ended_at === null || now - ended_at < RECENT_MS))
  return (
    <>
      {shown.map((operation) => (
        <Operation key={operation.id} operation={operation} onClose={() => setClosed(new Set([...closed, operation.id]))} />
      ))}
    </>
  )
}

function Operation({ operation, onClose }: { operation: BulkOperation; onClose: () => void }) {
  const host = useHost()
  const { id, action, state, total, done, failed, skipped, failures, resumed } = operation
  const stop = () =>
    void host.deliberation
      .stopBulk({ operation_id: id })
      .catch((fault: unknown) => notifyFailure('The operation could not be stopped', fault))
  return (
    <div className="marks-bar" role="status" title={failures.map(({ task_id, message }) => `${task_id}: ${message}`).join('\n')}>
      {state === 'running' ? (
        <Shape name="run" tone="info" />
      ) : (
        <Shape name={failed > 0 ? 'warn' : 'good'} tone={failed > 0 ? 'warn' : 'good'} />
      )}
      <span className="med">
        {doing[action]} {format.counted(total, 'run')}
        {state === 'stopped' && ', stopped'}
        {state === 'done' && ', finished'}
      </span>
      <Meter
        label={`${doing[action]}: ${done + failed + skipped} of ${total}`}
        parts={[{ value: done + failed + skipped }]}
        max={Math.max(1, total)}
      />
      <span className="fg2">
        {format.integer(done)} done, {format.integer(failed)} failed, {format.integer(skipped)} skipped
        {resumed && '; went on after the host was restarted'}
      </span>
      <span className="push" />
      {state === 'running' ? (
        <Button command size="sm" onClick={stop}>
          Stop
        </Button>
      ) : (
        <Button size="sm" variant="quiet" onClick={onClose}>
          Close
        </Button>
      )}
    </div>
  )
}
