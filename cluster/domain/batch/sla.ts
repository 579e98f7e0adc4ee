import type { BatchEta, SlaState } from './types.ts'

/**
 * The promise of a batch, looked at every 15 s; that of a deliberation likewise (see deliberation/risk.ts).
 *
 *   estimating ─▶ on_track ⇄ inside_buffer ⇄ at_risk ⇄ breaching ─▶ breached       any of them ─▶ met | missed (settled, see decide.ts)
 *
 * Each of the four in the middle holds all that stands left of it, so they are levels. A level is entered when two looks in a row
 * reach it, and left when its clearing condition has held for 5 minutes. `breached` is a fact and needs no second look.
 *
 * No clock is read here and none that people set decides anything: `ageMs` grows by a clock that runs through sleep and cannot be set
 * (see age.ts), and what must hold or is waited for is added up from `awakeMs`, a span of a monotonic clock with sleep taken out.
 */
export interface SlaRules {
  readonly at_risk_ratio: number
  readonly clear_ratio: number
  readonly elapsed_ratio: number
  readonly stall_factor: number
  /** How long a clearing condition has to hold. */
  readonly clears_after_ms: number
}

export const SLA_RULES: SlaRules = {
  at_risk_ratio: 0.8,
  clear_ratio: 0.75,
  elapsed_ratio: 0.7,
  stall_factor: 5,
  clears_after_ms: 300_000,
}

const RISK_CLEARED_AT = 0.95
const LEAST_STALL_MS = 60_000
const START_STALL_MS = 600_000

const LEVELS = ['on_track', 'inside_buffer', 'at_risk', 'breaching'] as const
type Level = (typeof LEVELS)[number]

/** What the clock remembers between two looks. Plain values, so that it can be stored. */
export interface SlaClock {
  readonly state: SlaState
  /** Milliseconds since the epoch, to show; nothing is decided by it. */
  readonly since: number
  /** What the last look alone would have said; null before a first measured time left. */
  readonly seen: Level | null
  /** How long the clearing condition of each level has held, in the order of the levels. */
  readonly clearMs: readonly number[]
  readonly isElapsedTold: boolean
  readonly finishedRequests: number
  /** Without a finished request, while it ran; waiting to start, while a slot was free. */
  readonly idleMs: number
  readonly unstartedMs: number
  readonly isStalled: boolean
}

/** What is seen at one look. */
export interface SlaLook {
  /** Milliseconds since the epoch: only written down. */
  readonly at: number
  /** Since the last look, without sleep. */
  readonly awakeMs: number
  /** Since the batch was accepted, sleep included, by a clock that nobody can set. */
  readonly ageMs: number
  /** From acceptance to deadline; Infinity where no time is promised. */
  readonly windowMs: number
  /** Only a measured one moves the state. */
  readonly eta: BatchEta | null
  /** Completed and failed. */
  readonly finishedRequests: number
  /** `working`: it may send requests; `unstarted`: it could begin and nothing has been sent; `held`: paused, or waiting for a reason it names. */
  readonly work: 'working' | 'unstarted' | 'held'
  readonly isSlotFree: boolean
  /** Of its requests, else of its model's; null while none is known. */
  readonly p99LatencyMs: number | null
}

/** What changed at a look; nothing that only goes on. */
export type SlaChange =
  | { readonly kind: 'state'; readonly from: SlaState; readonly to: SlaState; readonly severity: Severity }
  | { readonly kind: 'sla_elapsed'; readonly message: string }
  | { readonly kind: 'stalled'; readonly message: string }

/** Whether a batch of this window promises to be done in it. `background` does not: it has no levels, and nothing of it is kept or missed. */
export function isPromised(completionWindow: string): boolean {
  return completionWindow !== 'background'
}

export type Severity = 'none' | 'info' | 'warning' | 'critical'

/** Of a new batch, and after a restart: the stored state goes on, so that nothing is told or counted twice; what must hold for some time begins anew. */
export function resumeSlaClock(
  sla: { readonly state: SlaState; readonly since: number },
  isElapsedTold: boolean,
  finishedRequests: number,
): SlaClock {
  const clearMs = LEVELS.map(() => 0)
  return { ...sla, seen: null, clearMs, isElapsedTold, finishedRequests, idleMs: 0, unstartedMs: 0, isStalled: false }
}

/** One look at a batch that has not ended. */
export function lookAtSla(
  clock: SlaClock,
  look: SlaLook,
  rules: SlaRules = SLA_RULES,
): { readonly clock: SlaClock; readonly changes: readonly SlaChange[] } {
  const levelled = { ...clock, ...followLevels(clock, look, rules) }
  const state = levelled.state === clock.state ? [] : [stateChange(clock.state, levelled.state)]
  const elapsed = tellElapsed(levelled, look, rules)
  const stall = watchForStall(levelled, look, rules)
  return {
    clock: { ...levelled, isElapsedTold: elapsed.length > 0 || clock.isElapsedTold, ...stall.clock },
    changes: [...state, ...elapsed, ...stall.changes],
  }
}

/** How bad a state is. */
export function severityOf(state: SlaState): Severity {
  switch (state) {
    case 'inside_buffer':
      return 'info'
    case 'at_risk':
      return 'warning'
    case 'breaching':
    case 'breached':
    case 'missed':
      return 'critical'
    case 'estimating':
    case 'on_track':
    case 'met':
      return 'none'
  }
}

/** Whether a change steps the counter of violations: entering at_risk, breaching or breached from something better. */
export function isViolation({ from, to }: { readonly from: SlaState; readonly to: SlaState }): boolean {
  return VIOLATIONS.includes(to) && VIOLATIONS.indexOf(from) < VIOLATIONS.indexOf(to)
}
const VIOLATIONS: readonly SlaState[] = ['at_risk', 'breaching', 'breached']

/** The state that one look alone would give, without what came before. */
function levelAt(look: SlaLook, eta: BatchEta, rules: SlaRules): Level {
  const leftMs = look.windowMs - look.ageMs
  if (eta.p50_ms > leftMs) return 'breaching'
  if (eta.p90_ms > leftMs) return 'at_risk'
  return look.ageMs + eta.p90_ms > rules.at_risk_ratio * look.windowMs ? 'inside_buffer' : 'on_track'
}

function followLevels(clock: SlaClock, look: SlaLook, rules: SlaRules): Pick<SlaClock, 'state' | 'since' | 'seen' | 'clearMs'> {
  const to = (state: SlaState, seen: Level | null, clearMs: readonly number[]) => ({
    state,
    since: state === clock.state ? clock.since : look.at,
    seen,
    clearMs,
  })
  if (clock.state === 'met' || clock.state === 'missed') return to(clock.state, clock.seen, clock.clearMs)
  if (look.ageMs >= look.windowMs) return to('breached', clock.seen, clock.clearMs)
  if (look.windowMs === Infinity) return to('estimating', null, clock.clearMs)
  if (look.eta?.source !== 'measured') return to(clock.state, null, clock.clearMs)

  const seen = levelAt(look, look.eta, rules)
  const clear = clears(look, look.eta, rules)
  const clearMs = clock.clearMs.map((ms, level) => (clear[level] ? ms + look.awakeMs : 0))
  if (clock.seen === null && clock.state === 'estimating') return to(clock.state, seen, clearMs)

  const reached = Math.min(LEVELS.indexOf(clock.seen ?? 'on_track'), LEVELS.indexOf(seen))
  let level = LEVELS.findIndex((each) => each === clock.state)
  if (reached > level) level = reached
  else while (level > reached && level > 0 && (clearMs[level] ?? 0) >= rules.clears_after_ms) level -= 1
  return to(LEVELS[level] ?? 'on_track', seen, clearMs)
}

/** Whether each level's clearing condition holds now, in the order of the levels. */
function clears({ ageMs, windowMs }: SlaLook, { p50_ms, p90_ms }: BatchEta, rules: SlaRules): readonly boolean[] {
  const leftMs = windowMs - ageMs
  return [
    true,
    ageMs + p90_ms <= rules.clear_ratio * windowMs,
    p90_ms <= RISK_CLEARED_AT * leftMs,
    p50_ms <= RISK_CLEARED_AT * leftMs,
  ]
}

function stateChange(from: SlaState, to: SlaState): SlaChange {
  return { kind: 'state', from, to, severity: severityOf(to) }
}

function tellElapsed(clock: SlaClock, { ageMs, windowMs }: SlaLook, rules: SlaRules): readonly SlaChange[] {
  if (clock.isElapsedTold || ageMs <= rules.elapsed_ratio * windowMs) return []
  const share = Math.round(rules.elapsed_ratio * 100)
  return [{ kind: 'sla_elapsed', message: `${share} % of the window is over and the batch is not finished.` }]
}

function watchForStall(
  clock: SlaClock,
  look: SlaLook,
  rules: SlaRules,
): { readonly clock: Partial<SlaClock>; readonly changes: readonly SlaChange[] } {
  const moved = look.finishedRequests !== clock.finishedRequests
  const idleMs = moved ? 0 : clock.idleMs + (look.work === 'working' ? look.awakeMs : 0)
  const unstartedMs = look.work === 'unstarted' && look.isSlotFree ? clock.unstartedMs + look.awakeMs : 0
  const longestMs = Math.max(LEAST_STALL_MS, rules.stall_factor * (look.p99LatencyMs ?? 0))
  const message =
    look.work === 'working' && idleMs >= longestMs
      ? `No request was finished for ${seconds(idleMs)}; 1 in 100 takes longer than ${seconds(look.p99LatencyMs ?? 0)}. See whether its engine still answers.`
      : look.work === 'unstarted' && unstartedMs >= START_STALL_MS
        ? `It has not started, though a slot has been free for ${seconds(unstartedMs)}.`
        : null
  // A hold in between cures nothing: only a finished request, or the start, makes a new stall one to tell of.
  const isStalled = message !== null || (clock.isStalled && !moved && look.work !== 'working')
  return {
    clock: { finishedRequests: look.finishedRequests, idleMs, unstartedMs, isStalled },
    changes: message !== null && !clock.isStalled ? [{ kind: 'stalled', message }] : [],
  }
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} m`
}
