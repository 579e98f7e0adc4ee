import { useEffect, useMemo, useRef, useState } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import { useStore } from 'zustand'
import { useHost } from '../../../lib/console.tsx'
import { askForDesktop } from '../../../lib/desktop-notice.ts'
import * as format from '../../../lib/format.ts'
import { routes, runRoute } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { servedModels, useModels } from '../../../lib/use-models.ts'
import { useStream } from '../../../lib/use-stream.ts'
import { AreaCrumb } from '../../../ui/area-crumb.tsx'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Tag } from '../../../ui/chip.tsx'
import { Page, PageContent, PageHeader } from '../../../ui/page.tsx'
import { notify } from '../../../ui/notify.tsx'
import { draftOfCouncil } from '../councils/council-draft.ts'
import { councilAskedFor } from '../councils/launch-with.ts'
import { useCouncils } from '../councils/use-councils.ts'
import type { Role, RunInput, Spec } from '../shapes.ts'
import { FillDialog } from '../templates/fill-dialog.tsx'
import { bracesOf } from '../../../../src-preload/contract/template.ts'
import { placeholdersOf } from '../templates/placeholders.ts'
import { TemplatesPanel } from '../templates/templates-panel.tsx'
import { AdditionalChecksPanel } from './additional-checks-panel.tsx'
import { ArchitectRubricPanel } from './architect-rubric-panel.tsx'
import { CouncilPanel } from './council-panel.tsx'
import { criteriaFault, emptyDraft, runOf, withoutTask, type Draft } from './draft.ts'
import { createDraftStore } from './draft-store.ts'
import { EstimatePanel, LaunchEffects, RemarksPanel } from './estimate-panel.tsx'
import type { Refusal } from './form-fields.ts'
import './launch-page.css'
import { launchTitle, launchVerdict, type Readiness } from './launch-verdict.ts'
import { LimitsPanel } from './limits-panel.tsx'
import { LostModelBanner, MissingModelBanner, StarterBanner } from './missing-model.tsx'
import { draftOfRun } from './rerun.ts'
import { RerunBanner } from './rerun-banner.tsx'
import { RubricPanel } from './rubric-panel.tsx'
import { isLost, usualModel } from './usual-model.ts'
import { TaskPanel } from './task-panel.tsx'
import { useRun } from '../use-run.ts'
import { refusalOf, useEstimate, type EstimateState } from './use-estimate.ts'

const noRoles: readonly Role[] = []

/** The launch form: what the agents answer, who they are, where the run stops; what it will take stands beside it. */
export function LaunchPage() {
  const [params] = useSearchParams()
  const from = params.get('from')
  return from === null ? <LaunchForm repeats={null} /> : <RerunPage key={from} taskId={from} />
}

/** The same form, filled in as it was for a run. */
function RerunPage({ taskId }: { taskId: string }) {
  const { run, failure } = useRun(taskId)
  if (run) return <LaunchForm repeats={run.spec} />
  return (
    <Page>
      <PageHeader
        crumb="Deliberations / Launch"
        verdict={failure === null ? 'Reading the run to repeat' : 'The run to repeat cannot be read'}
        shape={failure === null ? 'wait' : 'bad'}
        why={failure ?? undefined}
      />
    </Page>
  )
}

function LaunchForm({ repeats }: { repeats: Spec | null }) {
  const host = useHost()
  const [store] = useState(() => createDraftStore(window.localStorage, Date.now, repeats && draftOfRun(repeats)))
  const { draft, savedAt, change, replace } = useStore(store)
  useCouncilAskedFor(change)
  const [filling, setFilling] = useState(false)
  const asked = placeholdersOf(draft)
  const models = useModels().value
  const roles =
    useStream('roles', {
      open: (signal) => host.settings.watchRoles({}, signal),
      fold: (_: readonly Role[] | null, update) => update.roles,
    }).value ?? noRoles
  const fallback = useMemo(() => (models === null ? null : (servedModels(models)[0]?.reference ?? null)), [models])
  const run = fallback === null ? null : runOf(draft)
  const estimate = useEstimate(run)
  const emptied = repeats ? draftOfRun(repeats) : emptyDraft
  const submission = useSubmission(run, () => replace(repeats ? emptied : withoutTask(store.getState().draft)))
  const readiness = readinessOf(draft, models !== null && fallback === null, estimate)
  const verdict = launchVerdict(readiness)
  const refusal = submission.refusal ?? estimate.refusal
  const role = roles.find((candidate) => candidate.name === draft.role)
  const usual = usualModel(role, models)
  const chooser = roles.find((candidate) => candidate.name === 'architect')
  const architectUsual = chooser?.model ? usualModel(chooser, models) : (draft.agents[0]?.model ?? usual)

  useActions([
    {
      id: 'deliberation.submit',
      title: launchTitle(readiness),
      group: 'Deliberation',
      shortcut: 'mod+enter',
      available: verdict.blocked === null ? true : { reason: verdict.blocked },
      command: true,
      run: submission.send,
    },
  ])

  return (
    <Page>
      <PageHeader
        crumb={
          <AreaCrumb to={routes.deliberations} area="Deliberations">
            <span className="fg2">Launch</span>
            {savedAt !== null && <Tag>draft, saved {format.clock(savedAt)}</Tag>}
          </AreaCrumb>
        }
        verdict={verdict.sentence}
        shape={verdict.shape}
        tone={verdict.tone}
        why={<span title={verdict.why}>{verdict.why}</span>}
        actions={
          <>
            <Button variant="quiet" onClick={() => replace(emptied)}>
              {repeats ? 'Discard changes' : 'Discard'}
            </Button>
            <ActionButton id="deliberation.submit" variant="primary" />
          </>
        }
      />
      {repeats && <RerunBanner spec={repeats} draft={draft} role={role} />}
      {models !== null && fallback === null && <MissingModelBanner models={models} />}
      {models !== null && fallback !== null && <StarterBanner models={models} draft={draft} usual={usual} />}
      {models !== null && isLost(usual, models) && <LostModelBanner models={models} draft={draft} role={role} change={change} />}
      {asked.length > 0 && (
        <Banner
          tone="info"
          actions={
            <Button size="sm" onClick={() => setFilling(true)}>
              Fill in…
            </Button>
          }
        >
          The task still has {bracesOf(asked)} to be filled in.
        </Banner>
      )}
      {filling && <FillDialog draft={draft} change={change} onClose={() => setFilling(false)} />}
      {refusal !== null && refusal.field === null && <Banner tone="bad">{refusal.message}</Banner>}
      <PageContent>
        <div className="launch-form">
          <div>
            <TaskPanel
              draft={draft}
              change={change}
              role={role}
              refusal={refusal}
              tokens={estimate.reply && { count: estimate.reply.task_tokens, limit: estimate.reply.task_tokens_limit }}
            />
            <CouncilPanel
              draft={draft}
              change={change}
              replace={replace}
              roles={roles}
              models={models}
              usual={usual}
              refusal={refusal}
            />
            <RubricPanel draft={draft} change={change} role={role} refusal={refusal} />
            <AdditionalChecksPanel draft={draft} change={change} refusal={refusal} />
            <LimitsPanel
              draft={draft}
              change={change}
              models={models}
              architectUsual={architectUsual}
              reply={estimate.reply}
              refusal={refusal}
            />
            {draft.selection === 'architect' && (
              <ArchitectRubricPanel draft={draft} change={change} role={role} refusal={refusal} />
            )}
          </div>
          <div className="launch-beside">
            <TemplatesPanel
              draft={draft}
              replace={replace}
              canFill={repeats === null}
              onUsed={(filled) => setFilling(placeholdersOf(filled).length > 0)}
            />
            <EstimatePanel reply={estimate.reply} pending={estimate.pending} readiness={readiness} />
            <RemarksPanel reply={estimate.reply} />
            {estimate.reply && <LaunchEffects reply={estimate.reply} draft={draft} />}
          </div>
        </div>
      </PageContent>
    </Page>
  )
}

/** Takes the council that the address names, once; the address is then the form's own again. */
function useCouncilAskedFor(change: (patch: Partial<Draft>) => void): void {
  const [params] = useSearchParams()
  const [, navigate] = useLocation()
  const asked = councilAskedFor(params)
  const { value: councils } = useCouncils()
  useEffect(() => {
    if (asked === null || councils === null) return
    const council = councils.find((one) => one.council_id === asked)
    if (council) change(draftOfCouncil(council))
    else
      notify({ tone: 'bad', title: `There is no council “${asked}”`, body: 'It may have been removed. The form is as it was.' })
    navigate(routes.launch, { replace: true })
  }, [asked, councils, change, navigate])
}

function readinessOf(draft: Draft, noModel: boolean, estimate: EstimateState): Readiness {
  if (noModel) return { kind: 'no-model' }
  if (draft.task.trim() === '') return { kind: 'no-task' }
  const fault = criteriaFault(draft)
  if (fault !== null) return { kind: 'fault', message: fault }
  if (estimate.refusal && !estimate.pending) return { kind: 'fault', message: estimate.refusal.message }
  if (estimate.reply === null || estimate.pending) return { kind: 'estimating' }
  return { kind: 'estimated', reply: estimate.reply }
}

/** Sends the run once: pressing again after a lost connection repeats the same command, which the host answers once. */
function useSubmission(run: RunInput | null, onLaunched: () => void) {
  const host = useHost()
  const [, navigate] = useLocation()
  const command = useRef<{ id: string; content: string } | null>(null)
  const [refused, setRefused] = useState<{ content: string; refusal: Refusal } | null>(null)
  const content = run === null ? '' : JSON.stringify(run)
  const send = async () => {
    if (run === null) return
    askForDesktop()
    if (command.current?.content !== content) command.current = { id: crypto.randomUUID(), content }
    try {
      const { task_id } = await host.deliberation.submit({ command_id: command.current.id, run })
      onLaunched()
      navigate(runRoute(task_id))
    } catch (fault) {
      setRefused({ content, refusal: refusalOf(fault) })
    }
  }
  return { send, refusal: refused?.content === content ? refused.refusal : null }
}
