/** Shipped things with the operator's changes over them, then those the operator added. */
export function withOwn<T extends { readonly name: string }>(shipped: readonly T[], own: readonly T[]): readonly T[] {
  return [
    ...shipped.map((one) => own.find((other) => other.name === one.name) ?? one),
    ...own.filter((one) => !shipped.some((other) => other.name === one.name)),
  ]
}
