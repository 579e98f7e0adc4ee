import { Counter, type Registry } from 'prom-client'

interface Names<L extends string> {
  readonly name: string
  /** Names under which other batch servers export the same figure. */
  readonly aliases?: readonly string[]
  readonly help: string
  readonly labelNames?: readonly L[]
}

type Labels<L extends string> = Partial<Record<L, string>>

interface AliasedCounter<L extends string> {
  inc(labels: Labels<L>, by?: number): void
}

/** A counter under its own name and under others. */
export function aliasedCounter<L extends string>(
  registry: Registry,
  { name, aliases = [], help, labelNames = [] }: Names<L>,
): AliasedCounter<L> {
  const all = [name, ...aliases].map((one) => new Counter<L>({ name: one, help, labelNames, registers: [registry] }))
  return {
    inc(labels, by = 1) {
      for (const one of all) one.inc(labels, by)
    },
  }
}
