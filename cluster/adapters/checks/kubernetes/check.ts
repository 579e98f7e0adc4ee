import type { CheckResult } from '../../../messages/check-results.ts'
import type { ClusterBounds } from '../../../ports/checks.ts'
import { UnavailableError } from '../../../ports/errors.ts'
import type { ManifestServer } from '../../../ports/manifest-server.ts'
import type { CheckThread } from '../check-thread.ts'
import type { JudgedManifest } from './dry-run.ts'

/** Compiling the schema of a pod takes a second on a quiet machine. */
const LIMIT_MS = 40_000
const MAX_LISTED = 20

export interface DryRunPorts {
  readonly thread: CheckThread
  readonly schemasFile: string
  /** Null where none is connected. */
  readonly server: ManifestServer | null
}

/** What became of a text's manifests, by whom, and what is to be said beside it. */
interface Judgement {
  readonly against: string
  readonly version: string
  readonly byServer: boolean
  readonly manifests: readonly JudgedManifest[]
  readonly remarks: readonly string[]
}

/**
 * A dry run of a text's manifests: by the connected server, else against the schemas that Kubernetes publishes. Where the server does not
 * answer they stand in too; the result always says which it was.
 */
export async function dryRun(content: string, ports: DryRunPorts, cluster: ClusterBounds = {}): Promise<CheckResult> {
  const outcome = await judged(content, ports, cluster)
  if (typeof outcome === 'string')
    return { check: 'dryrun', status: 'error', message: `The manifests could not be checked: ${outcome}.`, warnings: 0 }
  const { manifests } = outcome
  if (manifests.length === 0) return { check: 'dryrun', status: 'skipped', message: 'No Kubernetes manifest.', warnings: 0 }
  const held = manifests.filter((each) => each.skipped === null)
  const broken = held.filter((each) => each.problems.length > 0)
  const problems = broken.flatMap(({ title, line, problems: own }) =>
    own.map((problem) => ({ manifest: title, line, ...problem })),
  )
  const status = held.length === 0 ? 'skipped' : broken.length > 0 ? 'failed' : 'passed'
  const counted = `${held.length} of ${manifests.length} ${manifests.length === 1 ? 'manifest' : 'manifests'} checked (${outcome.against})`
  const warnings = [
    ...[...outcome.remarks, ...versionRemark(outcome, cluster)].map((message) => ({ manifest: null, message })),
    ...manifests.flatMap(({ title, warnings: own }) => own.map((message) => ({ manifest: title, message }))),
  ]
  return {
    check: 'dryrun',
    status,
    message: `${counted}, ${broken.length === 0 ? 'none refused' : `refused: ${broken.map((each) => each.title).join(', ')}`}.`,
    warnings: warnings.length,
    details: {
      kind: 'dryrun',
      against: outcome.against,
      output: manifests.slice(0, MAX_LISTED).flatMap(printed).join('\n'),
      exit_code: outcome.byServer && held.length > 0 ? Number(broken.length > 0) : null,
      problem_count: problems.length,
      problems: problems.slice(0, MAX_LISTED),
      skipped: manifests
        .slice(0, MAX_LISTED)
        .flatMap(({ title, skipped }) => (skipped === null ? [] : [{ manifest: title, reason: skipped }])),
      ...(warnings.length > 0 && { warnings: warnings.slice(0, MAX_LISTED) }),
    },
  }
}

/** A text says why nothing could be judged. */
async function judged(content: string, ports: DryRunPorts, cluster: ClusterBounds): Promise<Judgement | string> {
  const { server } = ports
  if (!server) return await judgedOffline(content, ports, cluster)
  try {
    return await judgedByServer(content, server, ports.thread, cluster)
  } catch (fault) {
    if (!(fault instanceof UnavailableError)) throw fault
    const offline = await judgedOffline(content, ports, cluster)
    if (typeof offline === 'string') return offline
    return { ...offline, remarks: [`The server of context ${server.name} was not asked: ${fault.message}`] }
  }
}

async function judgedOffline(
  content: string,
  { thread, schemasFile }: DryRunPorts,
  cluster: ClusterBounds,
): Promise<Judgement | string> {
  const outcome = await thread.call('dryrun', { content, schemasFile, cluster }, LIMIT_MS)
  if (outcome.kind === 'gave-up') return outcome.reason
  const { version, manifests } = outcome.output
  return { against: `offline schema, Kubernetes ${minorOf(version)}`, version, byServer: false, manifests, remarks: [] }
}

async function judgedByServer(
  content: string,
  server: ManifestServer,
  thread: CheckThread,
  cluster: ClusterBounds,
): Promise<Judgement | string> {
  const outcome = await thread.call('manifests', { content, cluster }, LIMIT_MS)
  if (outcome.kind === 'gave-up') return outcome.reason
  const manifests = outcome.output
  if (manifests.length === 0) return { against: '', version: '', byServer: true, manifests: [], remarks: [] }
  const { version, verdicts } = await server.dryRun(manifests, cluster.namespace)
  return {
    against: `server of context ${server.name}, Kubernetes ${version}`,
    version,
    byServer: true,
    manifests: manifests.flatMap(({ title, line, unwanted }, at) => {
      const verdict = verdicts[at]
      if (!verdict) throw new Error(`the server gave ${verdicts.length} verdicts for ${manifests.length} manifests`)
      const problems = [...unwanted, ...verdict.problems]
      // What is not wanted is refused whatever the server could say of it.
      return [{ ...verdict, title, line, problems, skipped: problems.length > 0 ? null : verdict.skipped }]
    }),
    remarks: [],
  }
}

function versionRemark({ version }: Judgement, { kubernetes_version: wanted }: ClusterBounds): string[] {
  if (wanted === undefined || minorOf(wanted) === minorOf(version)) return []
  return [`Meant for Kubernetes ${minorOf(wanted)}, checked by ${minorOf(version)}: what changed between them is not seen.`]
}

/** `v1.36.3` as `1.36`. */
function minorOf(version: string): string {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.')
}

function printed(manifest: JudgedManifest): string[] {
  if (manifest.skipped !== null) return [`${manifest.title}: skipped, ${manifest.skipped}`]
  if (manifest.problems.length === 0) return [`${manifest.title}: valid`]
  return manifest.problems.map(({ path, message }) => `${manifest.title}: ${path}: ${message}`)
}
