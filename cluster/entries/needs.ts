import type { ModelRecord } from '../adapters/catalogue/models.ts'
import type { ServedModel } from '../ports/engines.ts'

/** What keeps work from running, or from being good, and where the operator sees to it. */
interface Need {
  readonly id: string
  readonly severity: 'bad' | 'warn' | 'info'
  readonly title: string
  readonly detail: string
  readonly action: 'models' | 'settings' | 'none'
}

export function needsOf(known: readonly ModelRecord[], served: readonly ServedModel[]): Need[] {
  if (served.length > 0) {
    if (served.some((one) => !one.starter)) return []
    return [
      {
        id: 'starter-only',
        severity: 'info',
        title: 'Only the starter model is here',
        detail:
          'It shows how a run goes and is too weak for real answers. Get the model that fits this machine, or connect an endpoint.',
        action: 'models',
      },
    ]
  }
  const downloading = known.find(
    (one) => one.kind === 'chat' && (one.state.kind === 'downloading' || one.state.kind === 'verifying'),
  )
  if (downloading) {
    const { state } = downloading
    const percent =
      state.kind === 'downloading' && state.totalBytes > 0 ? Math.floor((100 * state.doneBytes) / state.totalBytes) : null
    return [
      {
        id: 'model-coming',
        severity: 'info',
        title: `${downloading.name} is ${percent === null ? 'being verified' : `being downloaded, ${percent} %`}`,
        detail: 'Runs can be launched as soon as it is here.',
        action: 'models',
      },
    ]
  }
  const failed = known.find((one) => one.kind === 'chat' && one.state.kind === 'failed')
  const reasons =
    failed?.state.kind === 'failed' ? failed.state.reasons.map((one) => `${one.source}: ${one.reason}`).join('; ') : ''
  return [
    {
      id: 'no-model',
      severity: 'bad',
      title: 'No model can be called',
      detail: `${failed ? `${failed.name} could not be downloaded (${reasons}). ` : ''}Get a model from the catalogue, add a file from disk, or connect an endpoint.`,
      action: 'models',
    },
  ]
}
