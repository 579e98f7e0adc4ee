import { UnavailableError } from '../../ports/errors.ts'
import type { ManifestServer, ManifestVerdict, ServerManifest } from '../../ports/manifest-server.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { missingNamespace, refusalOf, statusOf } from './refusals.ts'
import { openKubernetesRequests, type KubernetesReply, type KubernetesRequests } from './requests.ts'

export interface ManifestServerTarget {
  /** Null: the files of `kubeconfigs`, else ~/.kube/config. */
  readonly kubeconfig: string | null
  readonly kubeconfigs: readonly string[]
  readonly context: string
  /** For manifests that name none; null: the context's, else `default`. */
  readonly namespace: string | null
}

const LIMIT_MS = 30_000
const AT_ONCE = 4
/** Nothing is kept, unknown fields are refused, and what belongs to another manager of the object is no conflict. */
const APPLY = { dryRun: 'All', fieldManager: 'signalbox', fieldValidation: 'Strict', force: 'true' }
const CREATE = { dryRun: 'All', fieldManager: 'signalbox', fieldValidation: 'Strict' }

/**
 * The server of a context, asked as `kubectl apply --server-side --dry-run=server` does. The kubeconfig is read for each dry run, so that
 * renewed credentials are used.
 */
export function createManifestServer({ kubeconfig, kubeconfigs, context, namespace }: ManifestServerTarget): ManifestServer {
  return {
    name: context,
    async dryRun(manifests, wanted) {
      const config = await readKubeconfig(kubeconfig, kubeconfigs)
      const found = config.getContextObject(context)
      if (!found) {
        const names = config.getContexts().map((each) => each.name)
        throw new UnavailableError(
          `The kubeconfig has no context ${context}; it has ${names.length === 0 ? 'none' : names.join(', ')}.`,
        )
      }
      config.setCurrentContext(context)
      const requests = await openKubernetesRequests(config, LIMIT_MS)
      try {
        const version = await serverVersion(requests)
        const judge = createJudge(requests, manifests, {
          meant: wanted ?? namespace ?? found.namespace ?? 'default',
          own: namespace ?? found.namespace ?? 'default',
        })
        return { version, verdicts: await eachOf(manifests, AT_ONCE, judge) }
      } finally {
        await requests.close()
      }
    },
  }
}

async function serverVersion(requests: KubernetesRequests): Promise<string> {
  const reply = await requests.send('GET', '/version')
  const { gitVersion } = reply.body as { gitVersion?: unknown }
  if (reply.status !== 200 || typeof gitVersion !== 'string') throw notJudged(reply)
  return gitVersion.replace(/^v/, '')
}

interface Resource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

/** `meant`: the namespace of manifests that name none; `own`: one that is there. */
function createJudge(
  requests: KubernetesRequests,
  manifests: readonly ServerManifest[],
  namespaces: { readonly meant: string; readonly own: string },
): (manifest: ServerManifest) => Promise<ManifestVerdict> {
  const made = madeBy(manifests)
  const lists = new Map<string, Promise<readonly Resource[]>>()

  function resourcesOf(apiVersion: string): Promise<readonly Resource[]> {
    let list = lists.get(apiVersion)
    if (!list) lists.set(apiVersion, (list = readResources(requests, apiVersion)))
    return list
  }

  return async (manifest) => {
    const { apiVersion, kind } = manifest
    const fault = nameFault(manifest)
    if (fault) return { skipped: null, problems: [fault], warnings: [] }
    const resource = (await resourcesOf(apiVersion)).find((each) => each.kind === kind)
    if (!resource) {
      if (made.kinds.has(`${groupOf(apiVersion)}/${kind}`))
        return skipped('its kind is defined by this text; the server does not know it yet')
      return {
        skipped: null,
        problems: [{ path: '/kind', message: `the server does not know ${apiVersion} ${kind}` }],
        warnings: [],
      }
    }
    const { metadata, ...rest } = manifest.value as { metadata: Readonly<Record<string, unknown>> }
    const inNamespace = async (namespace: string | undefined) =>
      await tried(requests, apiVersion, resource, {
        ...rest,
        metadata: { ...metadata, ...(namespace !== undefined && { namespace }) },
      })
    const asked = resource.namespaced ? (stringIn(metadata, 'namespace') ?? namespaces.meant) : undefined
    let reply = await inNamespace(asked)
    if (!reply) return skipped(`${kind} can be neither applied nor created`)
    const missing = missingNamespace(reply)
    // Kept nothing, the server does not have the namespace that the text makes; any other is as good to judge by.
    if (missing !== undefined && missing === asked && made.namespaces.has(missing))
      reply = (await inNamespace(namespaces.own)) ?? reply
    if (reply.status < 300) return { skipped: null, problems: [], warnings: reply.warnings }
    const verdict = refusalOf(reply)
    if (!verdict) throw notJudged(reply)
    return verdict
  }
}

/** Undefined where the resource takes neither. */
async function tried(
  requests: KubernetesRequests,
  apiVersion: string,
  { name: plural, verbs }: Resource,
  manifest: { readonly metadata: Readonly<Record<string, unknown>> },
): Promise<KubernetesReply | undefined> {
  const [name, namespace] = [stringIn(manifest.metadata, 'name'), stringIn(manifest.metadata, 'namespace')]
  const path = [rootOf(apiVersion), ...(namespace === undefined ? [] : ['namespaces', namespace]), plural].join('/')
  if (name !== undefined && verbs.includes('patch'))
    return await requests.send('PATCH', `${path}/${encodeURIComponent(name)}`, {
      query: APPLY,
      body: manifest,
      contentType: 'application/apply-patch+yaml',
    })
  return verbs.includes('create') ? await requests.send('POST', path, { query: CREATE, body: manifest }) : undefined
}

/** None where the server does not know the group or version. */
async function readResources(requests: KubernetesRequests, apiVersion: string): Promise<readonly Resource[]> {
  const reply = await requests.send('GET', rootOf(apiVersion))
  if (reply.status === 404) return []
  const { resources } = reply.body as { resources?: unknown }
  if (reply.status !== 200 || !Array.isArray(resources)) throw notJudged(reply)
  return (resources as readonly Resource[]).filter(({ name }) => !name.includes('/'))
}

/** Namespaces and kinds that a text makes before it uses them. */
function madeBy(manifests: readonly ServerManifest[]) {
  const namespaces = new Set<string>()
  const kinds = new Set<string>()
  for (const { apiVersion, kind, value } of manifests) {
    const name = stringIn(value['metadata'], 'name')
    if (apiVersion === 'v1' && kind === 'Namespace' && name !== undefined) namespaces.add(name)
    if (kind === 'CustomResourceDefinition') {
      const spec = value['spec']
      const own = stringIn(isRecord(spec) ? spec['names'] : undefined, 'kind')
      const group = stringIn(spec, 'group')
      if (own !== undefined && group !== undefined) kinds.add(`${group}/${own}`)
    }
  }
  return { namespaces, kinds }
}

/** What keeps a manifest from having an address at the server. */
function nameFault({ apiVersion, value }: ServerManifest): { path: string; message: string } | undefined {
  if (!/^([a-z0-9.-]+\/)?v[a-z0-9]+$/.test(apiVersion) || apiVersion.startsWith('.'))
    return { path: '/apiVersion', message: `“${apiVersion}” is no version of an API, such as apps/v1` }
  const metadata = value['metadata']
  if (!isRecord(metadata) || !('name' in metadata || 'generateName' in metadata))
    return { path: '/metadata', message: '“name” is missing' }
  for (const key of ['name', 'generateName', 'namespace']) {
    const part = metadata[key]
    if (part !== undefined && (typeof part !== 'string' || !/^[^/%]+$/.test(part) || part === '.' || part === '..'))
      return { path: `/metadata/${key}`, message: 'must be a string that may stand in an address' }
  }
  return undefined
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '')
const rootOf = (apiVersion: string): string => `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`

function notJudged({ status, body }: KubernetesReply): UnavailableError {
  const { message } = statusOf(body)
  return new UnavailableError(
    status === 401
      ? 'The Kubernetes server does not take the credentials of the context.'
      : `The Kubernetes server could not judge the manifests (HTTP ${status}): ${message}`,
  )
}

const skipped = (reason: string): ManifestVerdict => ({ skipped: reason, problems: [], warnings: [] })

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stringIn(value: unknown, key: string): string | undefined {
  const found = isRecord(value) ? value[key] : undefined
  return typeof found === 'string' ? found : undefined
}

/** `work` on each, `atOnce` at a time, results in order. The first rejection ends it. */
async function eachOf<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  const queue = [...items.entries()]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1])
    }),
  )
  return results
}
