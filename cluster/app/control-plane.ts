import { decideCancel, decideTime, isTerminal, type PromptSet } from '../domain/deliberation/index.ts'
import { deliberationSubject } from '../messages/deliberation-events.ts'
import { TOMBSTONE_TYPE } from '../messages/envelope.ts'
import type { OutcomeInput } from '../messages/outcome.ts'
import type { SubmittedDeliberation } from '../messages/deliberation.ts'
import type { PolicyRule } from '../messages/policies.ts'
import type { CallPrompt } from '../messages/sent-prompt.ts'
import { workId, type WorkItem } from '../messages/work.ts'
import type { Answers } from '../ports/answers.ts'
import type { Blobs } from '../ports/blobs.ts'
import type { EndNotices } from '../ports/end-notices.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { WorkQueue } from '../ports/work-queue.ts'
import { archive, dismiss, recordOutcome, type Recorded } from './deliberation/after-end.ts'
import { advance, checkAll } from './deliberation/advance.ts'
import { runCollector } from './deliberation/collector.ts'
import { retryCall, type Retried } from './deliberation/retry.ts'
import { watchDeadlines } from './deliberation/risk.ts'
import { weighRemoval, type Removal } from './deliberation/removal.ts'
import { createRuns, missingRun } from './deliberation/runs.ts'
import { activeKey, estimate, forgetOldCommands, submit, type Accepted, type Estimated } from './deliberation/submit.ts'
import { tombstoneOf } from './deliberation/tombstone.ts'
import type { ResolvePorts } from './deliberation/resolve.ts'
import { agentsAtWork } from './library/agents-at-work.ts'
import { createCouncils, type Councils } from './library/councils.ts'
import { createDeadLetterDesk, type DeadLetterDesk } from './deliberation/dead-letters.ts'
import { refuse, type Refusal } from './refusal.ts'
import { createTemplates, type TemplatePorts, type Templates } from './library/templates.ts'
import { createLargeAnswers } from './texts/large-answers.ts'
import { createLargeTexts, type TextPage } from './texts/large-texts.ts'
import { createRunBlobs } from './texts/run-blobs.ts'
import { secondPromptOf } from './texts/second-prompt.ts'
import { createSentPrompts } from './texts/sent-prompts.ts'

export interface PlanePorts extends ResolvePorts, TemplatePorts {
  readonly log: EventLog
  readonly work: WorkQueue
  readonly answers: Answers
  readonly blobs: Blobs
  readonly prompts: ReadonlyMap<string, PromptSet>
  readonly shippedPolicies: readonly PolicyRule[]
  /** Absent where nobody outside waits to hear of a run's end. */
  readonly endNotices?: EndNotices
  /** Runs that may be in motion at once; above it a submit is `overloaded`. */
  readonly maxRuns: number
  /** An answer came that had been counted before. */
  readonly onDuplicateAnswer?: () => void
  /** Tells the one place of the process that logs what nobody expected. */
  readonly onFault: (fault: unknown) => void
}

export interface ControlPlane {
  /** Starts a run; a repeated command id gets the first answer. */
  submit(commandId: string, actor: string, input: SubmittedDeliberation): Promise<Accepted | Refusal>
  /** What a run would take; nothing is stored or sent. */
  estimate(input: SubmittedDeliberation): Promise<Estimated | Refusal>
  /** Ends a run as CANCELLED; its calls are stopped, finished texts are kept. */
  cancel(taskId: string, actor: string): Promise<{ readonly kind: 'cancelled' } | Refusal>
  /** Makes the failed call of an agent again while its phase is open; a repeated command id gets the first answer. */
  retry(commandId: string, actor: string, taskId: string, agentId: string): Promise<Retried | Refusal>
  /** What a person says of an ended run with a proposal; its status stays. */
  recordOutcome(taskId: string, actor: string, given: OutcomeInput): Promise<Recorded | Refusal>
  /** Out of the default list, or back. */
  setArchived(taskId: string, actor: string, archived: boolean): Promise<Recorded | Refusal>
  /** The ended run no longer asks for attention. */
  dismiss(taskId: string, actor: string): Promise<Recorded | Refusal>
  /** What purging an ended run would remove. */
  weigh(taskId: string): Promise<Removal | Refusal>
  /** Purges an ended run and leaves a tombstone: it is EXPIRED from then on. */
  expire(taskId: string, actor: string): Promise<{ readonly kind: 'expired' } | Refusal>
  /** A part of a large text of a run, from a byte offset; undefined for what is not stored for that run. */
  text(taskId: string, sha256: string, offset: number): Promise<TextPage | undefined>
  /** A call as it was sent, with the second prompt where there was one; undefined for one that was not, or that was before prompts were kept. */
  prompt(taskId: string, call: Pick<WorkItem, 'round' | 'phase' | 'agent_id' | 'attempt'>): Promise<CallPrompt | undefined>
  readonly councils: Councils
  readonly templates: Templates
  /** Messages taken out of circulation. */
  readonly deadLetters: DeadLetterDesk
  /** Stops taking answers and re-arming deadlines; what is stored stays as it is. */
  stop(): Promise<void>
}

const SWEEP_MS = 1000
/** A blob whose run is unknown may belong to one that is just being submitted. */
const ORPHAN_MS = 3_600_000

/** The control plane over its ports. Takes up the runs that were in motion when an earlier process ended. */
export async function createControlPlane(ports: PlanePorts): Promise<ControlPlane> {
  const stopping = new AbortController()
  const blobs = createRunBlobs(ports)
  const texts = createLargeTexts(ports.blobs, blobs)
  const runs = createRuns({ ...ports, texts })
  const sent = createSentPrompts(ports)
  const entering = new Set<string>()
  const waiting = new Set<string>()
  const underWay = new Set<Promise<void>>()

  async function bringOn(taskId: string): Promise<void> {
    try {
      if (await advance({ ...ports, sent }, runs, taskId)) waiting.delete(taskId)
      else waiting.add(taskId)
    } catch (fault) {
      waiting.add(taskId)
      ports.onFault(fault)
    }
  }

  function inBackground(work: Promise<void>): void {
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
  }

  const inMotion = (await ports.state.list(activeKey(''))).map(({ key }) => key.slice(activeKey('').length))
  for (const taskId of inMotion) await runs.load(taskId)
  // Not waited for: composing prompts may have to start an engine, and a console should open before that.
  inBackground(Promise.all(inMotion.map(bringOn)).then(() => undefined))
  await forgetOldCommands(ports)
  inBackground(sweepBlobs().catch((fault: unknown) => ports.onFault(fault)))

  const loops = [
    runCollector({ ...ports, answers: createLargeAnswers(ports), advance: bringOn }, runs, stopping.signal),
    watchDeadlines(ports, runs, stopping.signal),
    (async () => {
      while (!stopping.signal.aborted) {
        await ports.clock.sleep(SWEEP_MS, stopping.signal)
        await sweep().catch((fault: unknown) => ports.onFault(fault))
      }
    })(),
  ]

  /** What a crash or a late answer left behind of runs that are no more. */
  async function sweepBlobs(): Promise<void> {
    const now = ports.clock.now()
    for (const [taskId, storedAt] of await blobs.owners()) {
      if (stopping.signal.aborted) return
      if (now - storedAt > ORPHAN_MS && (await runs.isGone(taskId))) await blobs.drop(taskId)
    }
  }

  async function sweep(): Promise<void> {
    const now = ports.clock.now()
    for (const state of runs.active()) {
      if (now < state.spec.deadline) continue
      const checks = await checkAll(ports, state)
      await runs.change(state.spec.task_id, 'clock', (newest) => decideTime(newest, now, checks))
      await bringOn(state.spec.task_id)
    }
    for (const taskId of [...waiting]) if (!stopping.signal.aborted) await bringOn(taskId)
  }

  return {
    async submit(commandId, actor, input) {
      const result = await submit({ ...ports, entering }, runs, commandId, actor, input)
      if (result.kind === 'accepted') inBackground(bringOn(result.taskId))
      return result
    },
    estimate: (input) => estimate(ports, input),

    async cancel(taskId, actor) {
      const loaded = await runs.load(taskId)
      if (loaded.kind !== 'run') return missingRun(taskId, loaded.kind)
      if (isTerminal(loaded.state)) return refuse('conflict', `The run has ended already (${loaded.state.status}).`)
      await runs.change(taskId, actor, (state) => decideCancel(state, actor))
      await bringOn(taskId)
      return { kind: 'cancelled' }
    },

    async retry(commandId, actor, taskId, agentId) {
      const result = await retryCall(runs, commandId, actor, taskId, agentId)
      if (result.kind === 'retried') inBackground(bringOn(taskId))
      return result
    },

    recordOutcome: (taskId, actor, given) => recordOutcome(runs, taskId, actor, given),
    setArchived: (taskId, actor, archived) => archive(runs, taskId, actor, archived),
    dismiss: (taskId, actor) => dismiss(runs, taskId, actor),

    weigh: (taskId) => weighRemoval({ log: ports.log, runs, runBlobs: blobs }, taskId),

    async expire(taskId, actor) {
      const loaded = await runs.load(taskId)
      if (loaded.kind !== 'run') return missingRun(taskId, loaded.kind)
      if (!isTerminal(loaded.state)) return refuse('conflict', 'The run is still in motion; cancel it first.')
      const entries = await ports.log.readSubject(deliberationSubject(taskId))
      const tombstone = {
        id: ports.newId(),
        type: TOMBSTONE_TYPE,
        at: ports.clock.now(),
        actor,
        tenant: 'local',
        schema: 1,
        data: tombstoneOf(loaded.state.status, entries),
      }
      await sent.drop(taskId)
      await ports.log.purge(deliberationSubject(taskId), tombstone)
      runs.forget(taskId)
      await blobs.drop(taskId)
      return { kind: 'expired' }
    },

    text: (taskId, sha256, offset) => texts.page(taskId, sha256, offset),
    async prompt(taskId, call) {
      const first = await sent.read(workId({ ...call, task_id: taskId }))
      if (!first) return undefined
      const entries = await ports.log.readSubject(deliberationSubject(taskId))
      const events = entries.flatMap((entry) => entry.events)
      return { ...first, repair: secondPromptOf(events, call) }
    },
    councils: createCouncils(ports, () => agentsAtWork(runs.active())),
    templates: createTemplates(ports),
    deadLetters: createDeadLetterDesk(ports, runs),

    async stop() {
      stopping.abort()
      await Promise.all([...loops, ...underWay])
    },
  }
}
