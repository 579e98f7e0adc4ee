import type { CheckResult } from '../../../messages/check-results.ts'
import type { ClusterBounds } from '../../../ports/checks.ts'
import type { CheckThread } from '../check-thread.ts'
import type { DryRunFindings } from './dry-run.ts'

/** Compiling the schema of a pod takes a second on a quiet machine. */
const LIMIT_MS = 40_000
const MAX_LISTED = 20

/** A dry run of a text's manifests. No cluster is connected, so the schemas that Kubernetes publishes stand in, and the result says so. */
export async function dryRun(
  content: string,
  schemasFile: string,
  thread: CheckThread,
  cluster: ClusterBounds = {},
): Promise<CheckResult> {
  const outcome = await thread.call('dryrun', { content, schemasFile, cluster }, LIMIT_MS)
  if (outcome.kind === 'gave-up')
    return { check: 'dryrun', status: 'error', message: `The manifests could not be checked: ${outcome.reason}.`, warnings: 0 }
  const { version, manifests } = outcome.output
  if (manifests.length === 0) return { check: 'dryrun', status: 'skipped', message: 'No Kubernetes manifest.', warnings: 0 }
  const against = `offline schema, Kubernetes ${version.split('.').slice(0, 2).join('.')}`
  const held = manifests.filter((each) => each.skipped === null)
  const broken = held.filter((each) => each.problems.length > 0)
  const problems = broken.flatMap(({ title, line, problems: own }) =>
    own.map((problem) => ({ manifest: title, line, ...problem })),
  )
  const status = held.length === 0 ? 'skipped' : broken.length > 0 ? 'failed' : 'passed'
  const counted = `${held.length} of ${manifests.length} ${manifests.length === 1 ? 'manifest' : 'manifests'} checked (${against})`
  return {
    check: 'dryrun',
    status,
    message: `${counted}, ${broken.length === 0 ? 'none refused' : `refused: ${broken.map((each) => each.title).join(', ')}`}.`,
    warnings: 0,
    details: {
      kind: 'dryrun',
      against,
      // What a command would have printed; there was none, hence no exit code.
      output: manifests.slice(0, MAX_LISTED).flatMap(printed).join('\n'),
      exit_code: null,
      problem_count: problems.length,
      problems: problems.slice(0, MAX_LISTED),
      skipped: manifests
        .slice(0, MAX_LISTED)
        .flatMap(({ title, skipped }) => (skipped === null ? [] : [{ manifest: title, reason: skipped }])),
    },
  }
}

function printed(manifest: DryRunFindings['manifests'][number]): string[] {
  if (manifest.skipped !== null) return [`${manifest.title}: skipped, ${manifest.skipped}`]
  if (manifest.problems.length === 0) return [`${manifest.title}: valid`]
  return manifest.problems.map(({ path, message }) => `${manifest.title}: ${path}: ${message}`)
}
