import type { ManifestProblem, ManifestVerdict } from '../../ports/manifest-server.ts'
import type { KubernetesReply } from './requests.ts'

/** What a refusal of the server says of the manifest; undefined where it says nothing of it, because the server itself failed. */
export function refusalOf({ status, body }: KubernetesReply): ManifestVerdict | undefined {
  const { message, causes } = statusOf(body)
  if (status === 403 && /\bcannot \w+ resource\b/.test(message)) return skipped(`the account may not try it: ${message}`)
  if (status === 400 && message.includes('does not support dry run')) return skipped(message)
  const misfits = misfitsIn(message)
  if (misfits.length > 0) return refused(misfits)
  if (status < 400 || status === 401 || status === 429 || status >= 500) return undefined
  return refused(causes.length > 0 ? causes : [{ path: '/', message }])
}

/** The namespace that a refusal misses; undefined where it is about something else. */
export function missingNamespace({ status, body }: KubernetesReply): string | undefined {
  return status === 404 ? /^namespaces "([^"]+)" not found$/.exec(statusOf(body).message)?.[1] : undefined
}

/** The words of a Status object, or of what came in its place. */
export function statusOf(body: unknown): { readonly message: string; readonly causes: readonly ManifestProblem[] } {
  const status = isRecord(body) ? body : {}
  const message = typeof status['message'] === 'string' ? status['message'] : JSON.stringify(body).slice(0, 300)
  const details = isRecord(status['details']) ? status['details'] : {}
  const causes: readonly unknown[] = Array.isArray(details['causes']) ? details['causes'] : []
  return {
    message,
    causes: causes
      .filter(isRecord)
      .flatMap(({ field, message: words }) =>
        typeof field === 'string' && typeof words === 'string' ? [{ path: pointerOf(field), message: words }] : [],
      ),
  }
}

/**
 * What does not fit the type, as strict decoding and apply tell of it in one line each; apply does so with HTTP 500. Messages of
 * Kubernetes 1.36: apimachinery's strict decoding errors, structured-merge-diff's validation errors.
 */
function misfitsIn(message: string): readonly ManifestProblem[] {
  const strict = [...message.matchAll(/(unknown|duplicate) field "([^"]+)"/g)].map(([, how = '', field = '']) =>
    atParent(how, field),
  )
  if (!message.startsWith('failed to create typed patch object')) return strict
  const told = [...message.matchAll(/[:\n]\s*\.([^\s:]+): ([^\n]+)/g)].map(([, field = '', words = '']) =>
    words === 'field not declared in schema' ? atParent('unknown', field) : { path: pointerOf(field), message: words },
  )
  return told.length > 0 ? told : [{ path: '/', message }]
}

function atParent(how: string, field: string): ManifestProblem {
  const parts = partsOf(field)
  return { path: `/${parts.slice(0, -1).join('/')}`, message: `${how} field “${parts.at(-1) ?? ''}”` }
}

/** `spec.containers[0].image` as a JSON Pointer. */
function pointerOf(field: string): string {
  return `/${partsOf(field).join('/')}`
}

function partsOf(field: string): readonly string[] {
  return field
    .replaceAll(/\[([^\]]*)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '' && part !== '<nil>')
}

const skipped = (reason: string): ManifestVerdict => ({ skipped: reason, problems: [], warnings: [] })
const refused = (problems: readonly ManifestProblem[]): ManifestVerdict => ({ skipped: null, problems, warnings: [] })

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
