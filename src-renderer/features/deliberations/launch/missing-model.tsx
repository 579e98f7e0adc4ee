import type { ModelsView } from '../../../../src-preload/contract/model.ts'
import * as format from '../../../lib/format.ts'
import { routes } from '../../../lib/routes.ts'
import { chatModels, downloadProgress, offeredModel, servedModels } from '../../../lib/use-models.ts'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { RouteLink } from '../../../ui/route-link.tsx'
import type { Role } from '../shapes.ts'
import { modelKey, type Draft } from './draft.ts'

/** Why no model is served, in words; with the download's progress where one runs. */
function whyNoModel(models: ModelsView | null): string {
  if (models === null) return 'The engines have not answered yet.'
  for (const model of chatModels(models)) {
    if (model.state.kind === 'downloading') {
      const { share, leftMs } = downloadProgress(model.state)
      const left = leftMs === null ? '' : `, about ${format.duration(leftMs)} left`
      return `${model.name} is being downloaded: ${format.percent(share)} of ${format.bytes(model.state.total_bytes)}${left}. It can be chosen as soon as it is here.`
    }
    if (model.state.kind === 'verifying') return `${model.name} is downloaded and being checked against its digest.`
  }
  const failed = models.engines.find((engine) => engine.state === 'failed')
  if (failed) return `${failed.name} cannot serve: ${failed.detail}`
  const broken = chatModels(models).find((model) => model.state.kind === 'failed')
  if (broken?.state.kind === 'failed')
    return `${broken.name} could not be downloaded: ${broken.state.reasons.map((each) => each.reason).join('; ')}`
  return 'No model is on this machine’s disk and no endpoint is connected.'
}

export function MissingModelBanner({ models }: { models: ModelsView | null }) {
  return (
    <Banner tone="warn" actions={<RouteLink to={routes.models}>Models & engines</RouteLink>}>
      No model is served yet. {whyNoModel(models)}
    </Banner>
  )
}

/** The starter model answers, but poorly: say so, and offer the better one that fits this machine. */
export function StarterBanner({ models, draft, usual }: { models: ModelsView; draft: Draft; usual: string | null }) {
  const served = servedModels(models)
  const starters = new Set(served.filter((model) => model.starter).map((model) => modelKey(model.reference)))
  const chosen = draft.agents.map((agent) => agent.model ?? usual ?? '')
  if (!chosen.some((key) => starters.has(key))) return null
  const better = offeredModel(models)
  const fetching = chatModels(models).find((model) => !model.starter && model.state.kind === 'downloading')
  return (
    <Banner tone="info" actions={<RouteLink to={routes.models}>{better ? `Get ${better.name}` : 'Models & engines'}</RouteLink>}>
      The starter model is for trying the flow: its answers are poor, whatever the task.
      {fetching
        ? ` ${fetching.name} is on its way.`
        : better
          ? ` ${better.name} (${better.parameters}, ${format.bytes(better.size_bytes)}) fits this machine and answers far better.`
          : ''}
    </Banner>
  )
}

/** The role's model is not served: say so before the launch, and offer what is. */
export function LostModelBanner({ models, draft, role, change }: LostModelProps) {
  const [first] = servedModels(models)
  if (!role?.model || !first || draft.agents.every((agent) => agent.model !== null)) return null
  const instead = modelKey(first.reference)
  return (
    <Banner
      tone="warn"
      actions={
        <>
          <Button
            size="sm"
            onClick={() => change({ agents: draft.agents.map((agent) => ({ ...agent, model: agent.model ?? instead })) })}
          >
            Use {first.label} for this run
          </Button>
          <RouteLink to={routes.models}>Models & engines</RouteLink>
        </>
      }
    >
      {role.title} agents work with {role.model}, which is not served now. Serve it, or choose another model for this run.
    </Banner>
  )
}

interface LostModelProps {
  models: ModelsView
  draft: Draft
  role: Role | undefined
  change: (patch: Partial<Draft>) => void
}
