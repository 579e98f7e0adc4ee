import type { Admission } from './types.ts'

/** Above this share of the capacity a batch is let in with a warning. */
const COMFORTABLE = 0.8
const LONGEST_WINDOW_HOURS = 168
const HOUR_MS = 3_600_000

export interface AdmissionInput {
  /** Output tokens (requests, where the endpoint has none) that wait on the model already, and that this batch adds. */
  readonly pending: number
  readonly added: number
  readonly requests: number
  /** Measured units per second of the model; null where none ever was. */
  readonly rate: number | null
  readonly windowMs: number
  /** How far the capacity may be stretched: 1 takes the measured rate as it is. */
  readonly relax: number
  /** No promise is given for it, so that it always fits. */
  readonly isBackground: boolean
}

/**
 * Whether a batch fits its window: demand = pending + added against rate × window × relax. Up to 0.8 of it `accept`, up to all of it
 * `accept_at_risk`, above `reject` with the shortest window in whole hours that would hold it. Force is the caller's to apply.
 */
export function admit(input: AdmissionInput): Admission {
  const { pending, added, rate, windowMs, relax } = input
  const tokens = { pending_tokens: Math.ceil(pending), new_tokens: Math.ceil(added) }
  if (rate === null || rate <= 0)
    return {
      ...tokens,
      verdict: 'accept',
      capacity_tokens: null,
      earliest_window_hours: null,
      message: 'Whether it fits is not known: no rate of this model has been measured yet.',
    }

  const perMs = (rate * relax) / 1000
  const demand = pending + added
  const capacity = perMs * windowMs
  const hours = Math.max(1, Math.ceil(demand / (perMs * HOUR_MS)))
  const share = demand / capacity
  const verdict = input.isBackground || share <= COMFORTABLE ? 'accept' : share <= 1 ? 'accept_at_risk' : 'reject'
  const earliest = hours <= LONGEST_WINDOW_HOURS ? hours : null
  return {
    ...tokens,
    verdict,
    capacity_tokens: Math.floor(capacity),
    earliest_window_hours: earliest,
    message: input.isBackground ? 'It runs in the background: no deadline is promised.' : words(input, verdict, share, earliest),
  }
}

function words(input: AdmissionInput, verdict: Admission['verdict'], share: number, earliest: number | null): string {
  const window = `${Number((input.windowMs / HOUR_MS).toFixed(1))} h window`
  const percent = `${Math.round(share * 100)} %`
  switch (verdict) {
    case 'accept':
      return `It fits: with what waits already ${percent} of the ${window} would be used.`
    case 'accept_at_risk':
      return `It fits, with little room: with what waits already ${percent} of the ${window} would be used.`
    case 'reject': {
      const most = requestsThatFit(input)
      const instead =
        earliest === null ? 'No window up to 168 h holds it.' : `The shortest window that holds it is ${earliest} h.`
      return `It does not fit: with what waits already it needs ${percent} of the ${window}. ${instead} At most ${most} of its ${input.requests} requests fit.`
    }
  }
}

function requestsThatFit({ pending, added, requests, rate, windowMs, relax }: AdmissionInput): number {
  const room = ((rate ?? 0) * relax * windowMs) / 1000 - pending
  return added > 0 ? Math.max(0, Math.min(requests, Math.floor((room / added) * requests))) : requests
}
