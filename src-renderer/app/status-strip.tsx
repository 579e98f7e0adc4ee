import { useNow } from '../lib/clock.ts'
import { clock, cost, fullTime, integer, longDate, rate, zoneName } from '../lib/format.ts'
import { useSystem } from '../lib/shared-streams.tsx'
import './status-strip.css'

/** One line of vital signs. */
export function StatusStrip() {
  const { value, state } = useSystem()
  const now = useNow()
  return (
    <footer className="strip">
      {value !== null && (
        <div className={state === 'live' ? 'signs' : 'signs stale-value'}>
          <span>
            plane <b>{value.version}</b> embedded
          </span>
          <span title={value.log.detail}>{logWords(value.log)}</span>
          <span>
            tokens/s, 1 m <b>{rate(value.tokens_per_second_1m)}</b>
          </span>
          <span>
            running agents <b>{value.running_calls}</b>
            {value.waiting_calls > 0 && ` + ${value.waiting_calls} waiting`}
          </span>
          <span>
            spend today <b>{cost(value.spend_today_micro_usd)}</b> settled
          </span>
          <span>
            runs today <b>{integer(value.runs_today)}</b>
          </span>
        </div>
      )}
      <time className="end" dateTime={new Date(now).toISOString()} title={fullTime(now)}>
        {longDate(now)} <b>{clock(now, true)}</b> {zoneName(now)}
      </time>
    </footer>
  )
}

function logWords({ lag, state }: { lag: number; state: 'ok' | 'rebuilding' | 'failed' }) {
  if (state === 'rebuilding') return <>log: read models rebuild, {integer(lag)} events to go</>
  if (state === 'failed') return <b className="bad">log: failed</b>
  return (
    <>
      log lag <b>{integer(lag)}</b> events
    </>
  )
}
