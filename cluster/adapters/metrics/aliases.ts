import { Counter, Gauge, type Registry } from 'prom-client'

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
  remove(labels: Labels<L>): void
}

interface AliasedGauge<L extends string> {
  set(labels: Labels<L>, value: number): void
  reset(): void
}

const OTHERS = /^(ray_data|llm|sla)_/

/** All figures as text, also under the names of other batch servers or only under their own. */
export async function metricsText(registry: Registry, withAliases: boolean): Promise<string> {
  if (withAliases) return await registry.metrics()
  const names = registry.getMetricsAsArray().map(({ name }) => name)
  const own = names.filter((name) => !OTHERS.test(name))
  return `${(await Promise.all(own.map((name) => registry.getSingleMetricAsString(name)))).join('\n\n')}\n`
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
    remove(labels) {
      for (const one of all) one.remove(labels)
    },
  }
}

/** A gauge under its own name and under others. `collect` is asked at each scrape, once. */
export function aliasedGauge<L extends string>(
  registry: Registry,
  { name, aliases = [], help, labelNames = [] }: Names<L>,
  collect: (gauge: AliasedGauge<L>) => void,
): void {
  const gauge = (one: string, read?: () => void): Gauge<L> =>
    new Gauge<L>({ name: one, help, labelNames, registers: [registry], ...(read && { collect: read }) })
  const all: Gauge<L>[] = []
  const asked: AliasedGauge<L> = {
    set(labels, value) {
      for (const one of all) one.set(labels, value)
    },
    reset() {
      for (const one of all) one.reset()
    },
  }
  // Figures are read in the order in which they were made: the others must have their values when their turn comes.
  all.push(gauge(name, () => collect(asked)))
  all.push(...aliases.map((one) => gauge(one)))
}
