const HOUR_MS = 3_600_000
const DAY_SECONDS = 86_400

/** GPU time where nothing else is configured: $2.00 an hour. */
export const GPU_HOUR_MICRO_USD = 2_000_000

/** Micro-dollars of time on slots, rounded up. `slots` may be a fraction where a batch shares one. */
export function timeCostMicroUsd(ms: number, slots: number, hourMicroUsd: number): number {
  return Math.ceil((ms * slots * hourMicroUsd) / HOUR_MS)
}

/** Micro-dollars of tokens, rounded up. Prices are micro-dollars per million tokens. */
export function tokenCostMicroUsd(
  tokens: { readonly tokensIn: number; readonly tokensOut: number },
  price: { readonly price_in: number; readonly price_out: number },
): number {
  return Math.ceil((tokens.tokensIn * price.price_in + tokens.tokensOut * price.price_out) / 1e6)
}

/** What a request's share of a whole comes to, in whole micro-dollars; the whole is never spread as more than it is. */
export function costPerRequest(microUsd: number, requests: number): number | undefined {
  return requests > 0 ? Math.floor(microUsd / requests) : undefined
}

/** Hours that `requests` take at a rate per second. */
export function hoursFor(requests: number, perSecond: number): number {
  return requests / perSecond / 3600
}

/** Requests a day at a rate per second. */
export function requestsPerDay(perSecond: number): number {
  return perSecond * DAY_SECONDS
}
