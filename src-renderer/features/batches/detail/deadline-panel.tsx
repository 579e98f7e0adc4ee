import { useState } from 'react'
import type { Forecast } from '../../../../src-preload/contract/batch.ts'
import { ended, isAtRisk, isPromised, progressOf, stuckOn } from '../../../lib/batch-words.ts'
import { useNow } from '../../../lib/clock.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { useMovingBatches, type OneBatch } from '../../../lib/use-batches.ts'
import { servedModels, useModels } from '../../../lib/use-models.ts'
import { usePoll } from '../../../lib/use-poll.ts'
import { Button } from '../../../ui/button.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { DeadlineChart } from './deadline-chart.tsx'
import { calibrationWords } from './calibration-words.ts'
import { remediesFor } from './remedies.ts'

const ASK_EVERY_MS = 5000

/** Progress, and when it will end: as it runs now, and with each remedy on the same axis. */
export function DeadlinePanel({ batch: { detail, live }, onApply }: { batch: OneBatch; onApply: (forecast: Forecast) => void }) {
  const { row, plan } = detail
  const promised = isPromised(detail)
  const isOver = ended(row)
  const host = useHost()
  const now = useNow()
  const models = useModels().value
  const others = useMovingBatches().value?.rows ?? []
  // The starter model would be done in time with answers that nobody can use.
  const able = models === null ? [] : servedModels(models).filter(({ starter }) => !starter)
  const engines = able.map(({ reference }) => reference)
  const possible = remediesFor({ detail, live, others, engines })
  const atRisk = promised && isAtRisk(row, live)
  const [wanted, setWanted] = useState(false)
  const remedies = atRisk || wanted ? possible : []
  const asked = usePoll(
    `forecasts ${row.batch_id} ${isOver} ${JSON.stringify(remedies)}`,
    async (signal) =>
      isOver ? { forecasts: [] } : await host.batch.forecasts({ batch_id: row.batch_id, remedies: [...remedies] }, signal),
    ASK_EVERY_MS,
  )
  const isStuck = stuckOn(row, live) !== null
  const forecasts = isStuck ? [] : (asked.value?.forecasts ?? [])
  const { done, total, share } = progressOf(row, live)
  const counts = live?.counts ?? row.counts
  const applicable = forecasts.filter(({ remedy }) => remedy !== null)
  return (
    <Panel
      title={isOver ? 'How far it came' : promised ? 'Will it be done in time?' : 'When will it be done?'}
      note={isOver ? undefined : noteOf(live, plan !== null)}
      aside={
        !atRisk &&
        !isStuck &&
        possible.length > 0 && (
          <Button size="sm" expanded={wanted} onClick={() => setWanted(!wanted)}>
            What if…
          </Button>
        )
      }
      flush
    >
      <div className="batch-progress">
        <span>
          <b className="med">{format.integer(done)}</b>{' '}
          <span className="fg2">
            of {format.integer(total)} requests, {format.percent(share)}
          </span>
        </span>
        <Meter
          tall
          label={`${format.integer(counts.completed)} done, ${format.integer(counts.failed)} failed of ${format.integer(total)}`}
          max={Math.max(1, total)}
          parts={[{ value: counts.completed }, { value: counts.failed, tone: 'bad' }]}
        />
        <span className="nowrap">
          <span className="fg2">{format.integer(counts.completed)} done, </span>
          <span className={counts.failed > 0 ? 'bad' : 'fg2'}>{format.integer(counts.failed)} failed, </span>
          <span className="fg2">{format.integer(total - done)} left</span>
        </span>
      </div>
      {forecasts.length > 0 && (
        <DeadlineChart now={now} deadline={row.deadline} windowMs={row.window_ms} promised={promised} forecasts={forecasts} />
      )}
      {!promised && !isOver && <p className="t12 fg2 pad">{background(detail)}</p>}
      {live?.calibration && <p className="t12 fg3 pad">{calibrationWords(live.calibration)}</p>}
      {isStuck && <p className="t12 fg2 pad">When it will be done is not known: it waits for you. What to do stands above.</p>}
      {asked.state === 'failed' && <p className="t12 fg3 pad">The forecast could not be made: {asked.error?.message}</p>}
      {applicable.length > 0 && (
        <div className="row wrap batch-remedies">
          <span className="t12 fg3">What if:</span>
          {applicable.map((forecast) => (
            <Button
              key={forecast.title}
              command
              size="sm"
              onClick={() => onApply(forecast)}
              reason={
                forecast.remedy?.kind === 'overflow'
                  ? 'Rows move only near the deadline: name that model as a fallback under Change. The line shows what moving them now would change.'
                  : undefined
              }
            >
              {forecast.title}…
            </Button>
          ))}
        </div>
      )}
    </Panel>
  )
}

function background({ settings }: OneBatch['detail']): string {
  const end = settings.on_deadline === 'expire' ? ' What is not answered by the end of its window expires.' : ''
  return `It runs in the background: no time is promised, and nobody is warned.${end}`
}

function noteOf(live: OneBatch['live'], isValidated: boolean): string {
  if (!isValidated) return 'the file is being read'
  if (!live?.rates) return 'tick P50, bar to P90; nothing was measured yet'
  const { unit, planning, why } = live.rates
  const left =
    live.tokens_left === null
      ? ''
      : `; about ${format.tokens(Math.round(live.tokens_left))} ${unit === 'tokens' ? 'tokens' : 'requests'} left`
  return `tick P50, bar to P90${left}, rate of the ${planning === 'fast' ? '5 m' : '1 h'} window${why === '' ? '' : `: ${why}`}`
}
