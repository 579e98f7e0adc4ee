/** What a number field holds: a number, or the empty text. */
export type FieldNumber = number | string

/** Micro-dollars per million tokens as the dollars a field shows. */
export function dollarsOf(microUsd: number | null): FieldNumber {
  return microUsd === null ? '' : microUsd / 1_000_000
}

/** Null for an empty field: no price is not the price 0. */
export function microUsdOf(field: FieldNumber): number | null {
  return field === '' ? null : Math.round(Number(field) * 1_000_000)
}
