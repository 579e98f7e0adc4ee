import type { Forecast } from '../../../../src-preload/contract/batch.ts'
import { useNow } from '../../../lib/clock.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import type { OneBatch } from '../../../lib/use-batches.ts'
import { FormDialog } from '../../../ui/form-dialog.tsx'

interface RemedyDialogProps {
  batch: OneBatch
  forecast: Forecast
  onClose: () => void
}

/** Does what a forecast is about, after saying what it changes. */
export function RemedyDialog({ batch, forecast, onClose }: RemedyDialogProps) {
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
    <FormDialog title={forecast.title} confirm={forecast.title} onConfirm={apply} onClose={onClose}>
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
    </FormDialog>
  )
}
