import type { Forecast } from '../../../../src-preload/contract/batch.ts'
import { useNow } from '../../../lib/clock.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import type { OneBatch } from '../../../lib/use-batches.ts'
import { PreviewDialog } from '../../../ui/preview-dialog.tsx'

interface DialogProps {
  batch: OneBatch
  onClose: () => void
}

const left = ({ detail: { row }, live }: OneBatch): number => {
  const { total, completed, failed } = live?.counts ?? row.counts
  return total - completed - failed
}

export function PauseDialog({ batch, onClose }: DialogProps) {
  const host = useHost()
  const now = useNow()
  const { row } = batch.detail
  return (
    <PreviewDialog
      title="Pause this batch"
      confirm="Pause it"
      onConfirm={() => host.batch.pause({ batch_id: row.batch_id })}
      onClose={onClose}
    >
      <ul className="t12 fg2 stack gap-1">
        <li>
          No new request is sent; {format.counted(batch.live?.running ?? 0, 'request')} under way end and count. Nothing is lost.
        </li>
        <li>Its place at the engine goes to other batches.</li>
        <li>
          The deadline {format.moment(row.deadline, now)} goes on counting: {format.duration(row.deadline - now)} are left for{' '}
          {format.counted(left(batch), 'request')}.
        </li>
      </ul>
    </PreviewDialog>
  )
}

export function CancelBatchDialog({ batch, onClose }: DialogProps) {
  const host = useHost()
  const { row } = batch.detail
  const { completed, failed, cost_micro_usd } = batch.live?.counts ?? row.counts
  return (
    <PreviewDialog
      title="Cancel this batch"
      confirm={`Cancel, drops ${format.counted(left(batch), 'request')}`}
      danger
      onConfirm={() => host.batch.cancel({ batch_id: row.batch_id })}
      onClose={onClose}
    >
      <ul className="t12 fg2 stack gap-1">
        <li>
          {format.counted(completed, 'answer')} and {format.counted(failed, 'error')} are kept, can be downloaded, and stay
          charged ({format.cost(cost_micro_usd)}).
        </li>
        <li>{format.counted(batch.live?.running ?? 0, 'request')} under way are stopped.</li>
        <li>{format.counted(left(batch), 'request')} without an answer go to the error file as batch_cancelled.</li>
        <li>A cancelled batch cannot be resumed; what is left can be run again as a new batch.</li>
      </ul>
    </PreviewDialog>
  )
}

export function RemoveBatchDialog({ batch, onRemoved, onClose }: DialogProps & { onRemoved: () => void }) {
  const host = useHost()
  const { row } = batch.detail
  const remove = async () => {
    await host.batch.remove({ batch_id: row.batch_id })
    onRemoved()
  }
  return (
    <PreviewDialog title="Delete this batch" confirm="Delete it for good" danger onConfirm={remove} onClose={onClose}>
      <p className="t12 fg2">
        {format.counted(row.counts.completed, 'answer')}, {format.counted(row.counts.failed, 'error')} and its result files are
        lost. Its id is answered with “expired” from then on.
      </p>
    </PreviewDialog>
  )
}

/** Does what a forecast is about, after saying what it changes. */
export function RemedyDialog({ batch, forecast, onClose }: DialogProps & { forecast: Forecast }) {
  const host = useHost()
  const now = useNow()
  const { row } = batch.detail
  const { remedy, eta } = forecast
  const apply = async () => {
    if (remedy?.kind === 'concurrency')
      await host.batch.change({ batch_id: row.batch_id, change: { max_concurrency: remedy.limit } })
    if (remedy?.kind === 'deadline') await host.batch.change({ batch_id: row.batch_id, change: { deadline: remedy.deadline } })
    if (remedy?.kind === 'pause_other') await host.batch.pause({ batch_id: remedy.batch_id })
  }
  const end = eta
    ? `It would probably be done ${format.moment(eta.at + eta.p50_ms, now)}, by ${format.moment(eta.at + eta.p90_ms, now)} at worst.`
    : `When it would be done is not known: ${forecast.basis}`
  return (
    <PreviewDialog title={forecast.title} confirm={forecast.title} onConfirm={apply} onClose={onClose}>
      <ul className="t12 fg2 stack gap-1">
        <li>{end}</li>
        {remedy?.kind === 'concurrency' && (
          <li>
            Up to {remedy.limit} requests are sent at once. An engine that slows down or refuses is given fewer again while
            concurrency adapts.
          </li>
        )}
        {remedy?.kind === 'deadline' && (
          <li>
            The deadline moves from {format.moment(row.deadline, now)} to {format.moment(remedy.deadline, now)}: whoever was
            promised the first should be told.
          </li>
        )}
        {remedy?.kind === 'pause_other' && (
          <li>The other batch sends no new requests until it is resumed; its own deadline goes on counting.</li>
        )}
        {forecast.extra_cost_micro_usd !== null && <li>Extra cost: {format.cost(forecast.extra_cost_micro_usd)}.</li>}
      </ul>
    </PreviewDialog>
  )
}
