import { Tooltip } from '@mantine/core'
import type { CatalogueModel } from '../../../src-preload/contract/model.ts'
import { bytes, duration, percent } from '../../lib/format.ts'
import { downloadProgress } from '../../lib/use-models.ts'
import { Chip } from '../../ui/chip.tsx'
import { Meter } from '../../ui/meter.tsx'

/** Whether a model is here, on its way, or why not. */
export function ModelStateCell({ model }: { model: CatalogueModel }) {
  const { state, fit } = model
  switch (state.kind) {
    case 'ready':
      return (
        <Chip plain tone="good">
          On disk
        </Chip>
      )
    case 'absent':
      return fit.fits ? (
        <Chip plain shape="off">
          Fits, not here
        </Chip>
      ) : (
        <Chip tone="warn" title={`It needs ${bytes(fit.needs_bytes)} of memory; ${bytes(fit.free_bytes)} is free.`}>
          Does not fit
        </Chip>
      )
    case 'verifying':
      return (
        <Chip plain tone="info" shape="run">
          Verifying the digest
        </Chip>
      )
    case 'downloading':
      return <Downloading state={state} />
    case 'failed':
      return <Failed reasons={state.reasons} />
  }
}

function Downloading({ state }: { state: Extract<CatalogueModel['state'], { kind: 'downloading' }> }) {
  const { share, leftMs } = downloadProgress(state)
  const rate = state.bytes_per_second === null ? 'rate not measured yet' : `${bytes(state.bytes_per_second)}/s`
  return (
    <span className="stack gap-1" title={`from ${state.source}`}>
      <span className="row t11">
        <Chip plain tone="info" shape="run">
          {percent(share)}
        </Chip>
        <span className="fg3 cut">
          {rate}
          {leftMs !== null && `, ${duration(leftMs)} left`}
        </span>
      </span>
      <Meter
        label={`${bytes(state.done_bytes)} of ${bytes(state.total_bytes)} downloaded`}
        parts={[{ value: state.done_bytes, tone: 'info' }]}
        max={state.total_bytes}
      />
    </span>
  )
}

/** Every source with its own reason: one dead hub is another matter than no network at all. */
function Failed({ reasons }: { reasons: readonly { source: string; reason: string }[] }) {
  const [first] = reasons
  const list = (
    <ul>
      {reasons.map(({ source, reason }) => (
        <li key={source}>
          <b>{source}</b>: {reason}
        </li>
      ))}
    </ul>
  )
  return (
    <Tooltip label={list}>
      <span className="stack" tabIndex={0}>
        <span>
          <Chip tone="bad">Failed</Chip>
        </span>
        <span className="t11 fg3 cut">{first === undefined ? 'no source answered' : `${first.source}: ${first.reason}`}</span>
      </span>
    </Tooltip>
  )
}
