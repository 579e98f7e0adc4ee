import { readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import * as z from 'zod'

/**
 * Makes resources/kubernetes-schemas.json.gz from the OpenAPI document that Kubernetes publishes with its source
 * (api/openapi-spec/swagger.json; module k8s.io/kubernetes of the Go proxy has it):
 * node cluster/adapters/checks/kubernetes/generate-schemas.ts SWAGGER VERSION
 */
const definition = z.record(z.string(), z.unknown())
const swagger = z.object({ definitions: z.record(z.string(), definition) })
const kindOf = z.array(z.object({ group: z.string(), version: z.string(), kind: z.string() }))

const [file, version] = process.argv.slice(2)
if (file === undefined || version === undefined) throw new Error('Usage: generate-schemas.ts SWAGGER VERSION')
const { definitions } = swagger.parse(JSON.parse(await readFile(file, 'utf8')))

/** What is written otherwise than it is described: quantities and ports may be numbers too. */
const LOOSE = { Quantity: { type: ['string', 'number'] }, IntOrString: { type: ['string', 'integer'] } }

const kinds: Record<string, string> = {}
const slim: Record<string, unknown> = {}
for (const [name, described] of Object.entries(definitions)) {
  // A type that serves several kinds (DeleteOptions) is none of its own.
  const own = kindOf.safeParse(described['x-kubernetes-group-version-kind']).data ?? []
  const [one] = own
  if (one && own.length === 1) kinds[`${one.group === '' ? '' : `${one.group}/`}${one.version}/${one.kind}`] = name
  const loose = Object.entries(LOOSE).find(([ending]) => name.endsWith(`.${ending}`))
  slim[name] = loose ? loose[1] : slimmed(described)
}
const output = new URL('../../../../resources/kubernetes-schemas.json.gz', import.meta.url)
await writeFile(output, gzipSync(JSON.stringify({ version, kinds, definitions: slim }), { level: 9 }))

/** Without prose; an object with named fields has no others, as the server says with strict field validation. */
function slimmed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(slimmed)
  if (typeof schema !== 'object' || schema === null) return schema
  const fields = schema as Record<string, unknown>
  const kept = Object.entries(fields).filter(
    ([key]) => key !== 'description' && key !== 'format' && !key.startsWith('x-kubernetes-'),
  )
  return Object.fromEntries([
    ...kept.map(([key, value]) => [key, key === 'properties' ? slimmedEach(value) : slimmed(value)]),
    ...('properties' in fields ? [['additionalProperties', false]] : []),
  ])
}

/** Field names are data: one that is called "description" stays. */
function slimmedEach(properties: unknown): unknown {
  return Object.fromEntries(Object.entries(definition.parse(properties)).map(([name, schema]) => [name, slimmed(schema)]))
}
