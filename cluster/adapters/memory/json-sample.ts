type Schema = Readonly<Record<string, unknown>>

/** A value that meets a JSON schema of the kind models are asked to fill: bounded, without references. `seed` picks the numbers. */
export function sampleOf(schema: Schema, seed: number): unknown {
  if ('const' in schema) return schema['const']
  const choices = schema['enum'] ?? schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(schema['enum'])) return pick(schema['enum'], seed)
  if (Array.isArray(choices)) return sampleOf(pick(choices, seed) as Schema, seed)
  switch (schema['type']) {
    case 'object': {
      const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>
      return Object.fromEntries(
        Object.entries(properties).map(([name, inner], index) => [name, sampleOf(inner, seed * 7 + index)]),
      )
    }
    case 'array': {
      const heads = (schema['prefixItems'] ?? []) as readonly Schema[]
      const length = Math.max(Number(schema['minItems'] ?? 0), Math.min(1, Number(schema['maxItems'] ?? 1)))
      return Array.from({ length }, (_, index) =>
        sampleOf(heads[index] ?? ((schema['items'] ?? {}) as Schema), seed * 11 + index),
      )
    }
    case 'integer':
      return Number(schema['minimum'] ?? 0) + (seed % (Number(schema['maximum'] ?? 10) - Number(schema['minimum'] ?? 0) + 1))
    case 'number':
      return (
        Number(schema['minimum'] ?? 0) + ((seed % 100) / 100) * (Number(schema['maximum'] ?? 1) - Number(schema['minimum'] ?? 0))
      )
    case 'boolean':
      return seed % 2 === 0
    default:
      return 'retry with jitter'.slice(0, Number(schema['maxLength'] ?? 100))
  }
}

const pick = (values: readonly unknown[], seed: number): unknown => values[seed % values.length]
