import type { BatchCounts, BatchSettings } from './types.ts'

/** Finished requests from which on the share of failures says something. */
const ERROR_CEILING_FROM = 100

/** In words, which ceiling a batch has passed; undefined where none. The cost is that of its tokens and of its slots. */
export function ceilingMet(settings: BatchSettings, counts: BatchCounts, slotCost: number): string | undefined {
  const { cost_ceiling_micro_usd: costCeiling, error_ceiling: errorCeiling } = settings
  const cost = counts.cost_micro_usd + slotCost
  if (costCeiling !== undefined && cost > costCeiling) {
    const ofSlots = slotCost > 0 ? ` (${dollars(slotCost)} of it for its slots)` : ''
    return `It has cost ${dollars(cost)}${ofSlots}, more than its ceiling of ${dollars(costCeiling)}.`
  }
  const finished = counts.completed + counts.failed
  if (errorCeiling === undefined || finished < ERROR_CEILING_FROM) return undefined
  const share = counts.failed / finished
  return share > errorCeiling
    ? `${counts.failed} of ${finished} finished requests failed (${percent(share)}), more than its ceiling of ${percent(errorCeiling)}.`
    : undefined
}

/** Micro-dollars in words. */
export function dollars(microUsd: number): string {
  return `$${(microUsd / 1e6).toFixed(microUsd < 10_000 ? 6 : 2)}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
