import { callerOf, costMicroUsd, isSampler, samplersOf } from './council.ts'
import type {
  AgentChecks,
  CallAttempt,
  CallFailedData,
  CallRef,
  Critique,
  DeadlineRisk,
  EndedData,
  Measured,
  Outcome,
  PeerScore,
  PhaseName,
  ProblemAnswer,
  RankedProposal,
  RunEvent,
  RunSpec,
  RunStatus,
  Selection,
} from './types.ts'

/** A phase that was started. Times are milliseconds since the epoch. */
export interface Step {
  readonly phase: PhaseName
  readonly round: number
  /** Agents whose answers close it (in `check`: whose texts are checked). */
  readonly expected: readonly string[]
  readonly startedAt: number
  readonly endedAt: number | null
}

/** One text of an author: round 0 is the proposal, later ones its revisions. */
export interface TextVersion {
  readonly round: number
  readonly content: string
  readonly criticId: string | null
  readonly answers: readonly ProblemAnswer[]
}

interface GivenCritique {
  readonly round: number
  readonly criticId: string
  readonly targetId: string
  readonly version: number
  readonly critique: Critique
}

export interface GivenScores {
  readonly scorerId: string
  readonly scores: readonly PeerScore[]
}

interface Spent {
  readonly tokensIn: number
  readonly tokensOut: number
  readonly costMicroUsd: number
}

/** One run folded from its events. Once `ended` is set nothing changes but `late` and what is said of the run afterwards. */
export interface RunState {
  readonly spec: RunSpec
  readonly status: RunStatus
  readonly submittedAt: number
  /** The phase that runs; null after the end. */
  readonly phase: PhaseName | null
  readonly round: number
  /** Every phase started so far, in order; the last one is open while its `endedAt` is null. */
  readonly steps: readonly Step[]
  readonly settled: ReadonlyMap<string, 'answered' | 'failed'>
  readonly late: ReadonlySet<string>
  /** Which attempt counts, of calls that an operator had made again. */
  readonly attempts: ReadonlyMap<string, number>
  /** What each command to retry a call came to, by the command's id. */
  readonly retries: ReadonlyMap<string, CallRef & { readonly attempt: number }>
  /** By author, oldest first; authors without a proposal are absent. */
  readonly texts: ReadonlyMap<string, readonly TextVersion[]>
  /** The baseline's samples: `open` from the first phase until the texts are checked; `none` where there are none to be had. */
  readonly sampling: 'none' | 'open' | 'closed'
  /** By the name of the sample; never among `texts`. */
  readonly samples: ReadonlyMap<string, TextVersion>
  readonly critiques: readonly GivenCritique[]
  readonly scores: readonly GivenScores[]
  readonly failures: readonly CallFailedData[]
  /** Null until the check phase is done. */
  readonly checks: readonly AgentChecks[] | null
  /** The round after which there were no further ones, by the run's own option; null while none was left out. */
  readonly stoppedAfter: number | null
  /** The last measure taken of its texts. */
  readonly measured: Measured | null
  readonly ranking: readonly RankedProposal[] | null
  readonly agreement: number | null
  readonly positionBias: number | null
  /** What the architect picked, before it is made the selection. */
  readonly choice: { readonly agentId: string; readonly reason: string } | null
  readonly selection: Selection | null
  readonly spent: Spent
  /** As it was last told. */
  readonly risk: DeadlineRisk
  /** Output tokens that went into each author's text, whoever wrote them. */
  readonly textTokens: ReadonlyMap<string, number>
  readonly ended: (EndedData & { readonly at: number }) | null
  /** What people said of the result, oldest first; the last one counts. */
  readonly outcomes: readonly Outcome[]
  readonly isArchived: boolean
  readonly isDismissed: boolean
}

/** The natural key of a call inside its run: `round.phase.agent`. */
export function callKey(call: CallRef): string {
  return `${call.round}.${call.phase}.${call.agent_id}`
}

/** The attempt of a call that counts: 1, and one more for each time an operator had it made again. */
export function attemptOf(state: RunState, call: CallRef): number {
  return state.attempts.get(callKey(call)) ?? 1
}

export function isTerminal(state: RunState): boolean {
  return state.ended !== null
}

/** The phase that waits for answers or checks; undefined between phases and after the end. */
export function openStep(state: RunState): Step | undefined {
  const last = state.steps.at(-1)
  return last && last.endedAt === null && !state.ended ? last : undefined
}

/** The text that stands for an author or a sample now; undefined where none was given. */
export function currentText(state: RunState, agentId: string): TextVersion | undefined {
  return state.texts.get(agentId)?.at(-1) ?? state.samples.get(agentId)
}

/** Samples of the baseline with a text, in their order. */
export function sampled(state: RunState): readonly string[] {
  return samplersOf(state.spec)
    .map((agent) => agent.agent_id)
    .filter((id) => state.samples.has(id))
}

/** Agents with a proposal, in the order of the council: the ring. */
export function survivors(state: RunState): readonly string[] {
  return state.spec.agents.map((agent) => agent.agent_id).filter((id) => state.texts.has(id))
}

interface StandingText {
  readonly agent_id: string
  readonly content: string
}

/** The council's texts that stand now, in its order: what is ranked. */
export function finalTexts(state: RunState): readonly StandingText[] {
  return textsOf(state, survivors(state))
}

/** What is checked and scored: the council's texts, and the samples of the baseline. */
export function judgedTexts(state: RunState): readonly StandingText[] {
  return textsOf(state, [...survivors(state), ...sampled(state)])
}

function textsOf(state: RunState, ids: readonly string[]): readonly StandingText[] {
  return ids.map((agent_id) => ({ agent_id, content: currentText(state, agent_id)?.content ?? '' }))
}

/** Folds one event. `at` is the event's time. Event types it does not know leave the state as it is. */
export function applyEvent(state: RunState | undefined, event: RunEvent, at: number): RunState {
  if (!state) {
    if (event.type !== 'deliberation.submitted')
      throw new Error(`The run's log begins with ${event.type}; it must begin with deliberation.submitted.`)
    return submitted(event.data.spec, at)
  }
  if (event.type === 'deliberation.late_answer') return late(state, event.data)
  if (state.ended) return applyAfterEnd(state, event)
  switch (event.type) {
    case 'deliberation.submitted':
      return state
    case 'deliberation.phase_started':
      return {
        ...state,
        phase: event.data.phase,
        round: event.data.round,
        steps: [...closeStep(state, at).steps, { ...event.data, startedAt: at, endedAt: null }],
        sampling: state.sampling === 'open' && event.data.phase === 'check' ? 'closed' : state.sampling,
      }
    case 'deliberation.answered': {
      if (isSettled(state, event.data)) return state
      return settle(contribute(state, event.data), event.data, 'answered', at)
    }
    case 'deliberation.call_failed': {
      if (isSettled(state, event.data)) return state
      return settle({ ...state, failures: [...state.failures, event.data] }, event.data, 'failed', at)
    }
    case 'deliberation.baseline_started':
      return { ...state, sampling: 'open' }
    case 'deliberation.baseline_skipped':
      return { ...state, sampling: 'none' }
    case 'deliberation.call_retried':
      return reopen(state, event.data)
    case 'deliberation.checked':
      return closeStep({ ...state, checks: event.data.results }, at)
    case 'deliberation.ranked':
      return { ...state, ranking: event.data.ranking, agreement: event.data.agreement, positionBias: event.data.position_bias }
    case 'deliberation.rounds_stopped':
      return { ...state, stoppedAfter: event.data.round }
    case 'deliberation.measured':
      return spendOn({ ...state, measured: event.data }, event.data)
    case 'deliberation.risk_changed':
      return { ...state, risk: event.data.to }
    case 'deliberation.selected':
      return { ...state, selection: event.data.selection }
    case 'deliberation.ended':
      return { ...closeStep(state, at), status: event.data.status, phase: null, ended: { ...event.data, at } }
    case 'deliberation.outcome_recorded':
    case 'deliberation.archived':
    case 'deliberation.restored':
    case 'deliberation.dismissed':
      return state
    default:
      return unknownEvent(event, state)
  }
}

/** An ended run stays as it ended; what people do with it is kept beside that. */
function applyAfterEnd(state: RunState, { type, data }: RunEvent): RunState {
  if (type === 'deliberation.outcome_recorded') return { ...state, outcomes: [...state.outcomes, data.outcome] }
  if (type === 'deliberation.archived' || type === 'deliberation.restored')
    return { ...state, isArchived: type === 'deliberation.archived' }
  return type === 'deliberation.dismissed' ? { ...state, isDismissed: true } : state
}

/** Folds a run's events from the first; `at` gives each its time. */
export function applyEvents(state: RunState | undefined, events: readonly RunEvent[], at: number): RunState {
  const folded = events.reduce<RunState | undefined>((before, event) => applyEvent(before, event, at), state)
  if (!folded) throw new Error('A run without events has no state.')
  return folded
}

function submitted(spec: RunSpec, at: number): RunState {
  return {
    spec,
    status: 'PENDING',
    submittedAt: at,
    phase: null,
    round: 0,
    steps: [],
    settled: new Map(),
    late: new Set(),
    attempts: new Map(),
    retries: new Map(),
    texts: new Map(),
    sampling: 'none',
    samples: new Map(),
    critiques: [],
    scores: [],
    failures: [],
    checks: null,
    stoppedAfter: null,
    measured: null,
    ranking: null,
    agreement: null,
    positionBias: null,
    choice: null,
    selection: null,
    spent: { tokensIn: 0, tokensOut: 0, costMicroUsd: 0 },
    risk: 'on_track',
    textTokens: new Map(),
    ended: null,
    outcomes: [],
    isArchived: false,
    isDismissed: false,
  }
}

type Answered = Extract<RunEvent, { type: 'deliberation.answered' }>['data']
type LateData = Extract<RunEvent, { type: 'deliberation.late_answer' }>['data']

function contribute(state: RunState, data: Answered): RunState {
  const { contribution: given, agent_id: agentId, round } = data
  switch (given.kind) {
    case 'proposal':
      return withText(state, agentId, data, { round: 0, content: given.content, criticId: null, answers: [] })
    case 'revision':
      return withText(state, given.author_id ?? agentId, data, {
        round,
        content: given.content,
        criticId: given.critic_id,
        answers: given.answers,
      })
    case 'critique': {
      const { target_id: targetId, version, critique } = given
      return { ...state, critiques: [...state.critiques, { round, criticId: agentId, targetId, version, critique }] }
    }
    case 'scores':
      return { ...state, scores: [...state.scores, { scorerId: agentId, scores: given.scores }] }
    case 'selection':
      return { ...state, choice: { agentId: given.chosen, reason: given.reason } }
  }
}

function withText(state: RunState, id: string, data: Answered, version: TextVersion): RunState {
  const textTokens = new Map(state.textTokens).set(id, (state.textTokens.get(id) ?? 0) + data.metrics.tokens_out)
  if (isSampler(state.spec, id)) return { ...state, textTokens, samples: new Map(state.samples).set(id, version) }
  return { ...state, textTokens, texts: new Map(state.texts).set(id, [...(state.texts.get(id) ?? []), version]) }
}

/** A late answer was paid for all the same: while the run goes on that counts towards its limits. */
function late(state: RunState, { metrics, ...call }: LateData): RunState {
  const after = { ...state, late: new Set(state.late).add(callKey(call)) }
  return metrics && !state.ended ? spend(after, call, metrics) : after
}

function settle(
  state: RunState,
  call: CallRef & Pick<CallFailedData, 'metrics'>,
  how: 'answered' | 'failed',
  at: number,
): RunState {
  const settled = new Map(state.settled).set(callKey(call), how)
  const after: RunState = { ...spend(state, call, call.metrics), status: 'IN_PROGRESS', settled }
  const open = openStep(after)
  return open && isDone(after, open) ? closeStep(after, at) : after
}

/** Its answer is in already, or it is that of an attempt that counts no longer. */
function isSettled(state: RunState, call: CallAttempt): boolean {
  return state.settled.has(callKey(call)) || (call.attempt ?? 1) !== attemptOf(state, call)
}

type Retried = Extract<RunEvent, { type: 'deliberation.call_retried' }>['data']

/** A failed call of the open phase is open again; what its earlier attempt used stays spent. */
function reopen(state: RunState, { command_id, ...call }: Retried): RunState {
  const key = callKey(call)
  const step = openStep(state)
  const isOpen = isSampler(state.spec, call.agent_id)
    ? state.sampling === 'open'
    : step?.phase === call.phase && step.round === call.round && step.expected.includes(call.agent_id)
  if (!isOpen || state.settled.get(key) !== 'failed' || call.attempt !== attemptOf(state, call) + 1) return state
  return {
    ...state,
    settled: new Map([...state.settled].filter(([settled]) => settled !== key)),
    failures: state.failures.filter((failure) => callKey(failure) !== key),
    attempts: new Map(state.attempts).set(key, call.attempt),
    retries: new Map(state.retries).set(command_id, call),
  }
}

/** Every call of a phase has ended, or as many answers are in as its quorum asks. */
function isDone({ spec, settled }: RunState, { phase, round, expected }: Step): boolean {
  const outcomes = expected.map((agent_id) => settled.get(`${round}.${phase}.${agent_id}`))
  if (outcomes.every((outcome) => outcome !== undefined)) return true
  return spec.quorum !== null && outcomes.filter((outcome) => outcome === 'answered').length >= spec.quorum
}

function spend(state: RunState, call: CallRef, metrics: CallFailedData['metrics']): RunState {
  const { tokens_in: tokensIn, tokens_out: tokensOut } = metrics
  const { spent } = state
  return {
    ...state,
    spent: {
      tokensIn: spent.tokensIn + tokensIn,
      tokensOut: spent.tokensOut + tokensOut,
      costMicroUsd: spent.costMicroUsd + costMicroUsd(callerOf(state.spec, call), tokensIn, tokensOut),
    },
  }
}

/** An endpoint's reading for a measure counts like a call; its price was taken when it was made. */
function spendOn(state: RunState, { counted, tokens, cost_micro_usd }: Measured): RunState {
  if (!counted) return state
  const { spent } = state
  return {
    ...state,
    spent: { ...spent, tokensIn: spent.tokensIn + tokens, costMicroUsd: spent.costMicroUsd + cost_micro_usd },
  }
}

function closeStep(state: RunState, at: number): RunState {
  const last = state.steps.at(-1)
  if (!last || last.endedAt !== null) return state
  return { ...state, steps: [...state.steps.slice(0, -1), { ...last, endedAt: at }] }
}

/** A log written by a newer version may hold types this one does not know. */
function unknownEvent(_event: never, state: RunState): RunState {
  return state
}
