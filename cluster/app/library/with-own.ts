/** Shipped things with the operator's changes over them, then those the operator added. */
export function withOwn<T extends { readonly name: string }>(shipped: readonly T[], own: readonly T[]): readonly T[] {
  return [
    ...shipped.map((one) => own.find((other) => other.name === one.name) ?? one),
    ...own.filter((one) => !shipped.some((other) => other.name === one.name)),
  ]
}

/** As lists show it. `changed`: the operator changed it, or added it. */
export type Listed<T> = T & { readonly builtin: boolean; readonly changed: boolean }

/** `all`: as `withOwn` gives them. */
export function listed<T extends { readonly name: string }>(shipped: readonly T[], all: readonly T[]): Listed<T>[] {
  return all.map((one) => ({
    ...one,
    builtin: shipped.some(({ name }) => name === one.name),
    changed: !shipped.includes(one),
  }))
}
