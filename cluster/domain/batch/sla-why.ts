import type { BatchEta } from './types.ts'

/** What may have brought a batch to where it is. Milliseconds; rates per second. */
export interface Circumstances {
  readonly eta: BatchEta | null
  readonly leftMs: number
  /** How long it waited before it started, and how long it was paused. */
  readonly waitedMs: number
  readonly pausedMs: number
  readonly rates: { readonly fast: number; readonly slow: number } | null
  /** Tries after the first, and tries in all, of what has ended. */
  readonly retries: number
  readonly tries: number
  /** A reason for which it does not run now. */
  readonly hold: string | null
  /** Infinity where no time is promised. */
  readonly windowMs: number
}

/** A change of the rate, a share of tries, a share of the window: below these they explain nothing. */
const SLOWER = 0.85
const RETRIED = 0.05
const WAITED = 0.2

/** The verdict and what explains it, in words, without times of day: “probably done 56 min before the deadline, 26 min late at worst. …”. */
export function whyOf(now: Circumstances): string {
  return [outlook(now), ...causes(now)].join(' ')
}

function outlook({ eta, leftMs, windowMs }: Circumstances): string {
  if (windowMs === Infinity) {
    const end = eta ? ` It is probably done in ${span(eta.p50_ms)}, in ${span(eta.p90_ms)} at worst.` : ''
    return `It runs in the background: no time is promised.${end}`
  }
  if (leftMs <= 0) return `The deadline passed ${span(-leftMs)} ago.`
  if (!eta) return `Too little is measured to say; ${span(leftMs)} left.`
  const verb = eta.source === 'estimate' ? 'Estimated to be done' : 'Probably done'
  return `${verb} ${beside(leftMs - eta.p50_ms)}, ${beside(leftMs - eta.p90_ms)} at worst.`
}

function causes({ rates, retries, tries, waitedMs, pausedMs, windowMs, hold }: Circumstances): readonly string[] {
  const list: string[] = []
  if (hold) list.push(hold)
  if (rates && rates.slow > 0 && rates.fast < SLOWER * rates.slow)
    list.push(`Its engine is ${Math.round((1 - rates.fast / rates.slow) * 100)} % slower than in the hour before.`)
  if (tries > 0 && retries / tries > RETRIED) list.push(`${Math.round((retries / tries) * 100)} % of its tries were retries.`)
  if (waitedMs > WAITED * windowMs) list.push(`It waited ${span(waitedMs)} in the queue.`)
  if (pausedMs > WAITED * windowMs) list.push(`It was paused for ${span(pausedMs)}.`)
  return list
}

function beside(marginMs: number): string {
  return marginMs >= 0 ? `${span(marginMs)} before the deadline` : `${span(-marginMs)} late`
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return `${Math.round(ms / 1000)} s`
  if (minutes < 60) return `${minutes} m`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`
}
