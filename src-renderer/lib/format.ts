/** Pure formatting: always a unit, thin spaces between number and unit, nothing invented. */

/** A narrow space that does not break: between a number and its unit. */
const nb = '\u00a0'

// Made once: making one costs a hundred times what using it does, and lists write thousands of times.
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short' })
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dateWithYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const fullDate = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
const { timeZone } = zone.resolvedOptions()
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `10,844` */
export function integer(value: number): string {
  return whole.format(Math.round(value))
}

/** `23 ms`, `0.4 s`, `52 s`, `6 m 07 s`, `2 h 14 m`, `3 d 5 h`. Negative lengths count as 0. */
export function duration(lengthMs: number): string {
  const ms = Math.max(0, lengthMs)
  if (ms > 0 && ms < 100) return `${Math.max(1, Math.round(ms))}${nb}ms`
  if (ms < 950) return `${(ms / 1000).toFixed(1)}${nb}s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds}${nb}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return pair(minutes, 'm', seconds % 60, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return pair(hours, 'h', minutes % 60, 'm')
  return `${Math.floor(hours / 24)}${nb}d ${hours % 24}${nb}h`
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return `${big}${nb}${bigUnit} ${String(small).padStart(2, '0')}${nb}${smallUnit}`
}

/** One unit only, for ages: `3 s`, `4 m`, `2 h`, `5 d`. */
export function age(lengthMs: number): string {
  const seconds = Math.max(0, lengthMs) / 1000
  if (seconds < 60) return `${Math.floor(seconds)}${nb}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${nb}m`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}${nb}h`
  return `${Math.floor(seconds / 86_400)}${nb}d`
}

/** `612`, `10,844`, above a hundred thousand `124 k`, then `1.9 M`. */
export function tokens(count: number): string {
  if (Math.abs(count) < 100_000) return integer(count)
  if (Math.abs(count) < 999_500) return `${Math.round(count / 1000)}${nb}k`
  return `${(count / 1_000_000).toFixed(1)}${nb}M`
}

/** `0`, `0.4`, `46`, `1,700`: tokens a second, without the unit. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0'
  return perSecond < 10 ? perSecond.toFixed(1) : integer(perSecond)
}

/** Micro-dollars as dollars: `$0`, `$0.043`, `$4.38`, `$573`. Below a tenth of a cent `< $0.001`. */
export function cost(microUsd: number): string {
  const usd = microUsd / 1_000_000
  const size = Math.abs(usd)
  if (microUsd === 0) return '$0'
  if (size < 0.001) return `<${nb}$0.001`
  if (size < 1) return `$${usd.toFixed(3)}`
  return size < 500 ? `$${usd.toFixed(2)}` : `$${integer(usd)}`
}

/** Decimal bytes, as disks are sold: `930 B`, `92 MB`, `1.9 GB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = Math.max(0, count)
  let step = 0
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000
    step += 1
  }
  const digits = step > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits)}${nb}${units[step] ?? 'TB'}`
}

/** `43 %`; below one per cent but not nothing, `< 1 %`. Never rounds up to 100. */
export function percent(share: number): string {
  const value = Math.min(1, Math.max(0, share)) * 100
  if (value > 0 && value < 1) return `<${nb}1${nb}%`
  return `${value >= 100 ? 100 : Math.min(99, Math.round(value))}${nb}%`
}

/** `0.86`; scores run from 0 to 1. */
export function score(value: number): string {
  return value.toFixed(2)
}

/** `14:32`, or with seconds `14:32:07`, in the reader's zone. */
export function clock(at: number, withSeconds = false): string {
  const time = new Date(at)
  const parts = [time.getHours(), time.getMinutes(), ...(withSeconds ? [time.getSeconds()] : [])]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

/** `14:32` today, `Fri 14:32` within a week, else `16 Jul 14:32`; with the year where it differs. */
export function moment(at: number, now: number): string {
  const then = new Date(at)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return clock(at)
  const near = Math.abs(at - now) < 6 * 86_400_000
  if (near) return `${day.format(at)} ${clock(at)}`
  const written = then.getFullYear() === today.getFullYear() ? date : dateWithYear
  return `${written.format(at)} ${clock(at)}`
}

/** `Thu 16 Jul 2026` */
export function longDate(at: number): string {
  return fullDate.format(at).replace(',', '')
}

/** The full time with its zone, for the hover text: `Thu 16 Jul 2026 14:32:07 CEST (Europe/Berlin)`. */
export function fullTime(at: number): string {
  return `${longDate(at)} ${clock(at, true)} ${zoneName(at)} (${timeZone})`
}

/** `CEST`, `UTC`, `GMT+2`: the short name of the reader's zone at that time. */
export function zoneName(at: number): string {
  const parts = zone.formatToParts(at)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'local'
}

/** `1 run`, `3 runs`, `2 replies`: a count with its noun. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${integer(count)}${nb}${count === 1 ? one : many}`
}
