import type { ClusterBounds } from '../../../ports/checks.ts'
import type { ManifestProblem, ManifestVerdict } from '../../../ports/manifest-server.ts'
import { documentsOf, isMap, manifestsOf, type Manifest } from '../documents.ts'
import { fencedBlocks } from '../fences.ts'
import { inWords, readKubernetesSchemas, type KubernetesSchemas } from './schemas.ts'

/** What a dry run says of one manifest; it is valid where nothing was skipped and there is no problem. */
export interface JudgedManifest extends ManifestVerdict {
  readonly title: string
  readonly line: number
}

export interface DryRunFindings {
  /** Of Kubernetes. */
  readonly version: string
  readonly manifests: readonly JudgedManifest[]
}

/** A manifest with what the run's cluster does not take of it. */
export interface BoundedManifest extends Manifest {
  readonly unwanted: readonly ManifestProblem[]
}

const MAX_PROBLEMS = 20

let schemas: Promise<KubernetesSchemas> | undefined

/** The manifests of a text, held against the bounds alone. */
export function boundedManifests(content: string, cluster: ClusterBounds): readonly BoundedManifest[] {
  return manifestsOf(documentsOf(fencedBlocks(content))).map((manifest) => ({
    ...manifest,
    unwanted: outOfBounds(manifest, cluster),
  }))
}

/** Holds the manifests of a text against the published schemas, as a server that knew only them would. */
export async function dryRunOffline(content: string, schemasFile: string, cluster: ClusterBounds): Promise<DryRunFindings> {
  const manifests = boundedManifests(content, cluster)
  if (manifests.length === 0) return { version: '', manifests: [] }
  const known = await (schemas ??= readKubernetesSchemas(schemasFile))
  return {
    version: known.version,
    manifests: manifests.map((manifest) => ({ title: manifest.title, line: manifest.line, ...judged(manifest, known) })),
  }
}

function judged({ apiVersion, kind, value, unwanted }: BoundedManifest, known: KubernetesSchemas): ManifestVerdict {
  const validate = known.validatorOf(apiVersion, kind)
  if (!validate)
    return {
      skipped: unwanted.length > 0 ? null : `${apiVersion} ${kind} is not part of Kubernetes ${known.version}`,
      problems: unwanted,
      warnings: [],
    }
  const named = isMap(value['metadata']) && ('name' in value['metadata'] || 'generateName' in value['metadata'])
  const problems = validate(withoutNulls(value))
    ? []
    : (validate.errors ?? []).map((fault) => ({ path: fault.instancePath || '/', message: inWords(fault) }))
  const nameless = named ? [] : [{ path: '/metadata', message: '“name” is missing' }]
  return { skipped: null, problems: [...unwanted, ...nameless, ...problems].slice(0, MAX_PROBLEMS), warnings: [] }
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
