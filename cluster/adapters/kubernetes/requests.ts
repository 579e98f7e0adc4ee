import type { KubeConfig } from '@kubernetes/client-node'
import { UnavailableError } from '../../ports/errors.ts'

export interface KubernetesReply {
  readonly status: number
  /** Parsed JSON; the text where it is none. */
  readonly body: unknown
  /** What the server warns of, such as a version that goes away. */
  readonly warnings: readonly string[]
}

/** Requests to the API server of a kubeconfig's current context. */
export interface KubernetesRequests {
  /** `path` begins with a slash, its parts encoded. Rejects with UnavailableError where no reply came. */
  send(
    method: 'GET' | 'POST' | 'PATCH',
    path: string,
    options?: {
      readonly query?: Readonly<Record<string, string>>
      readonly body?: unknown
      readonly contentType?: string
    },
  ): Promise<KubernetesReply>
  close(): Promise<void>
}

/**
 * Requests with the credentials of `config`, all given up after `limitMs`. The library's object API is not used for manifests: it drops
 * fields that it does not know before it sends them, so that the server could not find them wrong.
 */
export async function openKubernetesRequests(config: KubeConfig, limitMs: number): Promise<KubernetesRequests> {
  const cluster = config.getCurrentCluster()
  if (!cluster)
    throw new UnavailableError(`The context ${config.getCurrentContext()} names a cluster that its kubeconfig does not have.`)
  const { HttpMethod, RequestContext, createConfiguration } = await import('@kubernetes/client-node')
  const { httpApi } = createConfiguration()
  // Credentials are made once for all requests: a plugin may be a program that is run.
  const identity = new RequestContext(cluster.server, HttpMethod.GET)
  try {
    await config.applySecurityAuthentication(identity)
  } catch (cause) {
    throw new UnavailableError(`The credentials of ${config.getCurrentContext()} cannot be had: ${wordsOf(cause)}.`, { cause })
  }
  const dispatcher = identity.getDispatcher()
  const signal = AbortSignal.timeout(limitMs)

  return {
    async send(method, path, { query = {}, body, contentType = 'application/json' } = {}) {
      const request = new RequestContext(`${cluster.server}${path}`, HttpMethod[method])
      for (const [name, value] of Object.entries(identity.getHeaders())) request.setHeaderParam(name, value)
      request.setHeaderParam('Accept', 'application/json')
      for (const [name, value] of Object.entries(query)) request.setQueryParam(name, value)
      if (body !== undefined) {
        request.setHeaderParam('Content-Type', contentType)
        request.setBody(JSON.stringify(body))
      }
      if (dispatcher) request.setDispatcher(dispatcher)
      request.setSignal(signal)
      try {
        const response = await httpApi.send(request).toPromise()
        const text = await response.body.text()
        return { status: response.httpStatusCode, body: parsed(text), warnings: warningsOf(response.headers['warning']) }
      } catch (cause) {
        const reason = signal.aborted ? `no reply within ${limitMs / 1_000} s` : wordsOf(cause)
        throw new UnavailableError(`The Kubernetes server ${cluster.server} does not answer: ${reason}.`, { cause })
      }
    },
    close: async () => await dispatcher?.close(),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** The texts of a Warning header, RFC 7234 §5.5: `299 - "text"`, several with commas between. */
function warningsOf(header: string | undefined): readonly string[] {
  return [...(header ?? '').matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'))
}

/** A connection that failed has its reason one level down. */
function wordsOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  return (fault.cause instanceof Error ? wordsOf(fault.cause) : fault.message.split('\n')[0]) || fault.name
}
