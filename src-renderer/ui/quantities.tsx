import { useNow } from '../lib/clock.ts'
import * as format from '../lib/format.ts'

/** `10,844`, with the unit where the column does not name it. */
export function Tokens({ count, unit = false }: { count: number; unit?: boolean | undefined }) {
  return (
    <span className="nowrap" title={`${format.integer(count)} tokens`}>
      {format.tokens(count)}
      {unit && <span className="unit"> tok</span>}
    </span>
  )
}

/** Dollars, and whether they are estimated, reserved or settled: on hover, or in words with `says`. */
export function Cost({
  microUsd,
  kind,
  says = false,
}: {
  microUsd: number
  kind: 'estimated' | 'reserved' | 'settled'
  says?: boolean | undefined
}) {
  return (
    <span className="nowrap" title={`${format.cost(microUsd)} ${kind}`}>
      {format.cost(microUsd)}
      {says && <span className="unit"> {kind}</span>}
    </span>
  )
}

/** How long ago, counting; the full time with its zone on hover. */
export function Ago({ at }: { at: number }) {
  const now = useNow()
  return (
    <time className="nowrap" dateTime={new Date(at).toISOString()} title={format.fullTime(at)}>
      {format.age(now - at)} ago
    </time>
  )
}

/** A time of day, with the date where it is not today; the zone on hover. */
export function Time({ at, seconds = false }: { at: number; seconds?: boolean | undefined }) {
  const now = useNow(60_000)
  return (
    <time className="nowrap" dateTime={new Date(at).toISOString()} title={format.fullTime(at)}>
      {seconds ? format.clock(at, true) : format.moment(at, now)}
    </time>
  )
}
