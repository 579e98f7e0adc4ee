import type { ClusterBounds } from '../../../ports/checks.ts'
import { documentsOf, isMap, manifestsOf, type Manifest } from '../documents.ts'
import { fencedBlocks } from '../fences.ts'
import { inWords, readKubernetesSchemas, type KubernetesSchemas } from './schemas.ts'

export interface DryRunFindings {
  readonly version: string
  readonly manifests: readonly {
    readonly title: string
    readonly line: number
    /** Why it was left out; null where it was held against its schema. */
    readonly skipped: string | null
    readonly problems: readonly { readonly path: string; readonly message: string }[]
  }[]
}

const MAX_PROBLEMS = 20

let schemas: Promise<KubernetesSchemas> | undefined

/** Holds the manifests of a text against the published schemas, as a server that knew only them would. */
export async function dryRunOffline(content: string, schemasFile: string, cluster: ClusterBounds): Promise<DryRunFindings> {
  const manifests = manifestsOf(documentsOf(fencedBlocks(content)))
  if (manifests.length === 0) return { version: '', manifests: [] }
  const known = await (schemas ??= readKubernetesSchemas(schemasFile))
  return {
    version: known.version,
    manifests: manifests.map((manifest) => ({ title: manifest.title, line: manifest.line, ...judged(manifest, known, cluster) })),
  }
}

function judged(manifest: Manifest, known: KubernetesSchemas, cluster: ClusterBounds) {
  const { apiVersion, kind, value } = manifest
  const unwanted = outOfBounds(manifest, cluster)
  const validate = known.validatorOf(apiVersion, kind)
  if (!validate)
    return {
      skipped: unwanted.length > 0 ? null : `${apiVersion} ${kind} is not part of Kubernetes ${known.version}`,
      problems: unwanted,
    }
  const named = isMap(value['metadata']) && ('name' in value['metadata'] || 'generateName' in value['metadata'])
  const problems = validate(withoutNulls(value))
    ? []
    : (validate.errors ?? []).map((fault) => ({ path: fault.instancePath || '/', message: inWords(fault) }))
  const nameless = named ? [] : [{ path: '/metadata', message: '“name” is missing' }]
  return { skipped: null, problems: [...unwanted, ...nameless, ...problems].slice(0, MAX_PROBLEMS) }
}

/** What the cluster would not take whatever the schemas say. Without a namespace of its own a manifest goes where it is applied. */
function outOfBounds({ kind, value }: Manifest, { allowed_kinds: allowed, namespace }: ClusterBounds) {
  const own = isMap(value['metadata']) ? value['metadata']['namespace'] : undefined
  const isElsewhere = namespace !== undefined && typeof own === 'string' && own !== namespace
  return [
    ...(allowed === undefined || allowed.includes(kind)
      ? []
      : [{ path: '/kind', message: `“${kind}” is not allowed here; allowed: ${allowed.join(', ')}` }]),
    ...(isElsewhere ? [{ path: '/metadata/namespace', message: `“${own}” is not the namespace asked for, “${namespace}”` }] : []),
  ]
}

/** The server drops fields that are null before it looks. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([key, each]) => [key, withoutNulls(each)]),
  )
}
