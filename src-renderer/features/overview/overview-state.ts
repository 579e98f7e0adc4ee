import type { ModelsView } from '../../../src-preload/contract/model.ts'
import type { SystemView } from '../../../src-preload/contract/system.ts'
import { bytes, cost, counted, duration, integer, moment, percent, score } from '../../lib/format.ts'
import { routes, runRoute, settingsRoute } from '../../lib/routes.ts'
import { isActive, runState, type RunRow } from '../../lib/run-words.ts'
import { chatModels, downloadProgress, offeredModel, servedModels } from '../../lib/use-models.ts'
import type { MovingBatches } from '../../lib/use-batches.ts'
import type { ShapeName, Tone } from '../../ui/icons.tsx'
import { atRiskBatches, batchNeeds, stuckCount } from './batch-needs.ts'
import { severityWords, type Need } from './need.ts'

export interface OverviewFacts {
  readonly system: SystemView | null
  /** Newest first; null = not known yet. */
  readonly runs: readonly RunRow[] | null
  readonly models: ModelsView | null
  /** Null = not known yet: what is known is shown without them. */
  readonly batches: MovingBatches | null
  readonly now: number
  /** Why something of it cannot be read. */
  readonly error: string | null
}

export interface Verdict {
  readonly tone: Tone
  readonly shape: ShapeName
  readonly text: string
  readonly why: string
}

/** A run that ended badly stays on the page this long. */
const recentMs = 24 * 3_600_000

/** Is all well? In one sentence, worst first. */
export function overviewVerdict(facts: OverviewFacts): Verdict {
  const { system, runs, models } = facts
  if (system === null || runs === null || models === null) {
    if (facts.error !== null) return { tone: 'bad', shape: 'bad', text: 'Not known: the host could not say', why: facts.error }
    return { tone: 'neutral', shape: 'dash', text: 'Waiting for the first picture', why: 'The host has not answered yet.' }
  }
  const why = whyLine(facts, system, runs)
  const active = runs.filter(isActive)
  if (servedModels(models).length === 0)
    return { tone: 'warn', shape: 'warn', text: `Nothing can run yet: ${missingModel(models, system)}`, why }
  const parts = troubles(facts, system, runs)
  if (parts.length > 0) {
    const tone = parts.some((part) => part.tone === 'bad') ? 'bad' : 'warn'
    return { tone, shape: tone, text: `Not all well: ${parts.map((part) => part.text).join(', ')}`, why }
  }
  const moving = facts.batches?.rows.length ?? 0
  const onTime = [
    ...(active.length > 0 ? [counted(active.length, 'run')] : []),
    ...(moving > 0 ? [counted(moving, 'batch', 'batches')] : []),
  ]
  if (onTime.length > 0) return { tone: 'good', shape: 'good', text: `All is well: ${onTime.join(' and ')} on time`, why }
  if (runs.length === 0) return { tone: 'good', shape: 'good', text: 'Ready for the first run', why }
  return { tone: 'good', shape: 'good', text: 'All is well: nothing is running', why }
}

function missingModel(models: ModelsView, system: SystemView): string {
  const arriving = chatModels(models).find((model) => model.state.kind === 'downloading' || model.state.kind === 'verifying')
  if (arriving !== undefined) {
    const name = arriving.starter ? 'the starter model' : arriving.name
    if (arriving.state.kind !== 'downloading') return `${name} is being verified`
    return `${name} is downloading, ${percent(downloadProgress(arriving.state).share)}`
  }
  const need = system.needs.find((each) => each.severity === 'bad')
  return need === undefined ? 'no model is ready on any engine' : lowerFirst(need.title)
}

function troubles(
  { now, batches }: OverviewFacts,
  system: SystemView,
  runs: readonly RunRow[],
): { tone: 'warn' | 'bad'; text: string }[] {
  const late = runs.filter((run) => isActive(run) && run.deadline_risk === 'breaching').length
  const atRisk = runs.filter((run) => isActive(run) && run.deadline_risk === 'at_risk').length
  const ended = runs.filter((run) => !run.dismissed && isRecent(run, now))
  const failed = ended.filter((run) => run.status === 'FAILED').length
  const timedOut = ended.filter((run) => run.status === 'TIMEOUT').length
  const partial = ended.filter((run) => run.status === 'COMPLETED' && run.partial).length
  const risky = atRiskBatches(batches)
  const lateBatches = risky.filter(({ sla }) => sla !== 'at_risk').length
  const stuck = stuckCount(batches)
  const riskyBatches = risky.length - lateBatches
  const log = system.log.state === 'failed' ? [{ tone: 'bad' as const, text: 'the log cannot be written' }] : []
  const storage = system.storage
    .filter((notice) => notice.severity === 'bad')
    .map((notice) => ({ tone: 'bad' as const, text: lowerFirst(notice.title) }))
  const needs = system.needs
    .filter((need) => need.severity === 'bad')
    .map((need) => ({ tone: 'bad' as const, text: lowerFirst(need.title) }))
  return [
    ...log,
    ...storage,
    ...needs.slice(0, 2),
    ...(lateBatches > 0
      ? [
          {
            tone: 'bad' as const,
            text: `${counted(lateBatches, 'batch', 'batches')} will miss ${lateBatches === 1 ? 'its' : 'their'} deadline`,
          },
        ]
      : []),
    ...(riskyBatches > 0 ? [{ tone: 'warn' as const, text: `${counted(riskyBatches, 'batch', 'batches')} at risk` }] : []),
    ...(stuck > 0 ? [{ tone: 'warn' as const, text: `${counted(stuck, 'batch waits', 'batches wait')} for you` }] : []),
    ...(batches?.shedding ? [{ tone: 'warn' as const, text: `batches are held back: ${batches.shedding.why.join(', ')}` }] : []),
    ...(late > 0
      ? [{ tone: 'bad' as const, text: `${counted(late, 'run')} will miss ${late === 1 ? 'its' : 'their'} deadline` }]
      : []),
    ...(atRisk > 0 ? [{ tone: 'warn' as const, text: `${counted(atRisk, 'run')} at risk` }] : []),
    ...recentEnds([
      [failed, 'failed'],
      [timedOut, 'timed out'],
      [partial, 'partial'],
    ]),
    ...(system.dead_letters > 0
      ? [{ tone: 'warn' as const, text: `${counted(system.dead_letters, 'message')} could not be delivered` }]
      : []),
  ]
}

/** Runs that ended badly, by how; the first that is named says that they are runs, the last of which time. */
function recentEnds(ends: readonly (readonly [count: number, how: string])[]): { tone: 'warn'; text: string }[] {
  const words = ends
    .filter(([count]) => count > 0)
    .map(([count, how], at) => `${at === 0 ? counted(count, 'run') : integer(count)} ${how}`)
  return words.length === 0 ? [] : [{ tone: 'warn', text: `${words.join(', ')} in the last 24 h` }]
}

function whyLine({ models }: OverviewFacts, system: SystemView, runs: readonly RunRow[]): string {
  const served = models === null ? 0 : servedModels(models).length
  const starterOnly = models !== null && served > 0 && servedModels(models).every((model) => model.starter)
  const engines =
    served === 0
      ? 'Launching works as soon as a model is ready.'
      : starterOnly
        ? 'Only the starter model is here: it shows the flow, its answers are too weak for use.'
        : `${counted(served, 'model')} can be used.`
  if (runs.length === 0) return `${engines} A run's estimate is shown before anything is sent to a model.`
  return `${counted(system.runs_today, 'run')} today, ${cost(system.spend_today_micro_usd)} settled. ${engines}`
}

function isRecent(run: RunRow, now: number): boolean {
  return run.ended_at !== null && now - run.ended_at < recentMs
}

function lowerFirst(text: string): string {
  const sentence = text.replace(/\.$/, '')
  // A name such as "GPU" or "Qwen3" keeps its capital.
  return /^[A-Z][a-z]+\b/.test(sentence) && !/^[A-Z][a-z]+\d/.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence
}

const order = { bad: 0, warn: 1, info: 2 } as const

/** What waits for a person, worst first. */
export function overviewNeeds({ system, runs, models, batches, now }: OverviewFacts): readonly Need[] {
  const offered = models === null ? undefined : offeredModel(models)
  // The offer below says the same and can be taken at once.
  const told = (system?.needs ?? []).filter((need) => need.id !== 'starter-only' || offered === undefined)
  const fromSystem = told.map((need): Need => {
    const target = need.action === 'models' ? routes.models : need.action === 'settings' ? routes.settings : null
    return {
      id: need.id,
      tone: need.severity,
      word: severityWords[need.severity],
      title: need.title,
      tag: '',
      detail: need.detail,
      figure: '',
      figureNote: '',
      action:
        target === null ? null : { kind: 'open', to: target, words: target === routes.models ? 'Open models' : 'Open settings' },
    }
  })
  const letters = system === null || system.dead_letters === 0 ? [] : [lettersNeed(system.dead_letters)]
  const fromRuns = (runs ?? []).filter((run) => needsPerson(run, now)).map((run) => runNeed(run, now))
  const offers: Need[] =
    offered === undefined
      ? []
      : [
          {
            id: `offer.${offered.id}`,
            tone: 'info',
            word: 'Offer',
            title: `${offered.name} fits this machine`,
            tag: `${offered.parameters}, ${offered.quantisation}`,
            detail: offered.note,
            figure: bytes(offered.size_bytes),
            figureNote: `needs ${bytes(offered.fit.needs_bytes)} of ${bytes(offered.fit.free_bytes)} free memory`,
            action: { kind: 'download', modelId: offered.id, words: `Get, ${bytes(offered.size_bytes)}` },
          },
        ]
  return [...fromSystem, ...batchNeeds(batches, now), ...letters, ...fromRuns, ...offers].toSorted(
    (a, b) => order[a.tone] - order[b.tone],
  )
}

function lettersNeed(count: number): Need {
  return {
    id: 'dead-letters',
    tone: 'warn',
    word: severityWords.warn,
    title: `${counted(count, 'message')} could not be delivered`,
    tag: '',
    detail: 'They were set aside with the reason, and can be replayed or removed.',
    figure: '',
    figureNote: '',
    action: { kind: 'open', to: settingsRoute('diagnostics'), words: 'Open diagnostics' },
  }
}

function needsPerson(run: RunRow, now: number): boolean {
  if (isActive(run)) return run.deadline_risk === 'at_risk' || run.deadline_risk === 'breaching'
  return isRecent(run, now) && !run.dismissed && (endedBadly(run) || waitsForOutcome(run))
}

function endedBadly(run: RunRow): boolean {
  return run.status === 'FAILED' || run.status === 'TIMEOUT' || (run.status === 'COMPLETED' && run.partial)
}

/** It has a winner, and nobody has said what became of it. */
function waitsForOutcome(run: RunRow): boolean {
  return run.status === 'COMPLETED' && run.leader_id !== null && run.outcome === null
}

function runNeed(run: RunRow, now: number): Need {
  if (!isActive(run) && !endedBadly(run)) return outcomeNeed(run, now)
  const { word, tone } = runState(run)
  const late = run.expected_end === null ? null : run.expected_end - run.deadline
  const active = isActive(run)
  const lateness =
    late === null ? '' : late > 0 ? `Expected ${duration(late)} after its deadline.` : `Only ${duration(-late)} to spare.`
  const detail = active ? `${run.message === '' ? '' : `${run.message} `}${lateness}` : run.message
  return {
    id: run.task_id,
    tone: tone === 'bad' ? 'bad' : 'warn',
    word,
    title: run.title,
    tag: run.task_id,
    detail,
    figure: active
      ? run.expected_end === null
        ? ''
        : moment(run.expected_end, now)
      : run.ended_at === null
        ? ''
        : duration(run.ended_at - run.created_at),
    figureNote: active ? `due ${moment(run.deadline, now)}` : `ended ${run.ended_at === null ? '' : moment(run.ended_at, now)}`,
    action: { kind: 'open', to: runRoute(run.task_id), words: 'Open run' },
    ...(!active && { dismiss: run.task_id }),
  }
}

function outcomeNeed(run: RunRow, now: number): Need {
  return {
    id: run.task_id,
    tone: 'info',
    word: 'Judge',
    title: run.title,
    tag: run.task_id,
    detail: `${run.leader_id ?? 'A proposal'} won${run.score === null ? ', unscored' : ` with ${score(run.score)}`}. Accept, reject or correct it.`,
    figure: run.ended_at === null ? '' : duration(run.ended_at - run.created_at),
    figureNote: run.ended_at === null ? '' : `ended ${moment(run.ended_at, now)}`,
    action: { kind: 'open', to: runRoute(run.task_id), words: 'Open run' },
    dismiss: run.task_id,
  }
}
