import * as format from '../../../lib/format.ts'
import { longPhaseLabel } from '../phase-words.ts'
import { callKey, type Board, type BoardCall } from '../shapes.ts'
import { shortFailure } from './failure-words.ts'

/** A call as parts of one line: waiting in queues, reading the prompt, writing. Times are milliseconds since the epoch. */
export interface TimelineBar {
  readonly key: string
  readonly agentId: string
  readonly phase: BoardCall['phase']
  readonly round: number
  readonly label: string
  readonly tries: number
  readonly queued: readonly [number, number] | null
  readonly reading: readonly [number, number] | null
  readonly writing: readonly [number, number] | null
  readonly state: BoardCall['status']
}

export interface Axis {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
  /** Null when it lies too far off to be drawn beside the calls. */
  readonly deadline: number | null
}

const letters: Readonly<Record<BoardCall['phase'], string>> = {
  propose: 'P',
  critique: 'C',
  revise: 'R',
  score: 'S',
  select: 'A',
}

/** An open call's live times, where they are known. */
export interface LiveTimes {
  readonly startedAt: number | null
  readonly firstTextAt: number | null
}

export function barsOf(board: Board, liveTimes: (callKey: string) => LiveTimes | undefined, now: number): TimelineBar[] {
  return board.calls.map((call) => {
    const runs = call.status === 'open' || (call.status === 'late' && call.ended_at === null)
    const live = runs ? liveTimes(callKey(call)) : undefined
    const end = call.ended_at ?? board.row.ended_at ?? now
    const started = call.started_at ?? live?.startedAt ?? null
    const firstToken = call.first_token_at ?? live?.firstTextAt ?? null
    return {
      key: callKey(call),
      agentId: call.agent_id,
      phase: call.phase,
      round: call.round,
      label: labelOf(call),
      tries: call.attempts,
      queued: span(call.opened_at, started ?? end),
      reading: started === null ? null : span(started, firstToken ?? (runs ? end : started)),
      writing: started === null || (firstToken === null && runs) ? null : span(firstToken ?? started, end),
      state: call.status,
    }
  })
}

function labelOf(call: BoardCall): string {
  if (call.error_type !== null) return shortFailure[call.error_type]
  return call.phase === 'critique' || call.phase === 'revise' ? `${letters[call.phase]}${call.round}` : letters[call.phase]
}

function span(from: number, to: number): readonly [number, number] | null {
  return to > from ? [from, to] : null
}

/** A deadline further off than this many times the run's length would squeeze the calls to nothing. */
const DEADLINE_WITHIN = 1.6

/** From the start to the end or what is expected, with the deadline if it lies near. */
export function axisOf(board: Board, now: number): Axis {
  const { row } = board
  const from = row.created_at
  const last = row.ended_at ?? Math.max(now, row.expected_end ?? now)
  const length = Math.max(1000, last - from)
  const near = row.deadline - from <= length * DEADLINE_WITHIN
  const to = from + Math.max(length, near ? row.deadline - from : 0) * 1.04
  return { from, to, ticks: ticksOf(from, to), deadline: near ? row.deadline : null }
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400].map((seconds) => seconds * 1000)
const MAX_TICKS = 8

function ticksOf(from: number, to: number): number[] {
  const step = steps.find((candidate) => (to - from) / candidate <= MAX_TICKS) ?? to - from
  const ticks: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}

export interface AxisLabel {
  readonly id: string
  readonly text: string
  /** Where its mark stands, in pixels. */
  readonly at: number
}

/** Plex Sans at 11 px, on the wide side. */
const CHARACTER_PX = 5.9
const LABEL_GAP_PX = 8

/** Centres each label over its mark, kept inside the width; one that would overlap an earlier one is left out. */
export function placeLabels(labels: readonly AxisLabel[], width: number): (AxisLabel & { readonly x: number })[] {
  const placed: (AxisLabel & { readonly x: number; readonly end: number })[] = []
  for (const label of labels) {
    const length = label.text.length * CHARACTER_PX
    const x = Math.max(2, Math.min(width - length - 2, label.at - length / 2))
    const clashes = placed.some((other) => x < other.end + LABEL_GAP_PX && x + length + LABEL_GAP_PX > other.x)
    if (!clashes) placed.push({ ...label, x, end: x + length })
  }
  return placed
}

/** "agent-001, Round 1: critique, done: waited 3 s, read 2 s, wrote 8 s". */
export function wordsOf({ agentId, phase, round, state, tries, ...parts }: TimelineBar): string {
  const times = (
    [
      ['waited', parts.queued],
      ['read', parts.reading],
      ['wrote', parts.writing],
    ] as const
  ).flatMap(([word, span]) => (span === null ? [] : [`${word} ${format.duration(span[1] - span[0])}`]))
  const again = tries > 1 ? `, ${tries} tries` : ''
  return `${agentId}, ${longPhaseLabel(phase, round)}, ${state}${again}${times.length === 0 ? '' : `: ${times.join(', ')}`}`
}

/** The call that an arrow key leads to: along an agent's row, or to the one nearest in time in the row above or below. */
export function neighbourOf(bars: readonly TimelineBar[], order: readonly string[], key: string, arrow: string): string | null {
  const from = bars.find((bar) => bar.key === key)
  if (!from) return null
  const row = (agentId: string | undefined) =>
    bars.filter((bar) => bar.agentId === agentId).sort((a, b) => beginOf(a) - beginOf(b))
  const own = row(from.agentId)
  const at = own.indexOf(from)
  switch (arrow) {
    case 'ArrowRight':
      return own[at + 1]?.key ?? null
    case 'ArrowLeft':
      return own[at - 1]?.key ?? null
    case 'ArrowUp':
    case 'ArrowDown': {
      const other = row(order[order.indexOf(from.agentId) + (arrow === 'ArrowDown' ? 1 : -1)])
      const distance = (bar: TimelineBar) => Math.abs(beginOf(bar) - beginOf(from))
      return other.sort((a, b) => distance(a) - distance(b))[0]?.key ?? null
    }
    default:
      return null
  }
}

function beginOf({ queued, reading, writing }: TimelineBar): number {
  return (queued ?? reading ?? writing)?.[0] ?? 0
}

/** What an agent's calls took together, in milliseconds, tokens and micro-dollars. */
export interface CallTotals {
  readonly calls: number
  readonly retries: number
  readonly tokensIn: number
  readonly tokensOut: number
  readonly queuedMs: number
  readonly readingMs: number
  readonly writingMs: number
  readonly costMicroUsd: number
}

/** Of the calls that have ended. */
export function totalsOf(calls: readonly BoardCall[]): CallTotals {
  const length = (from: number | null, to: number | null) => (from === null || to === null ? 0 : Math.max(0, to - from))
  const totals = { calls: 0, retries: 0, tokensIn: 0, tokensOut: 0, queuedMs: 0, readingMs: 0, writingMs: 0, costMicroUsd: 0 }
  for (const call of calls) {
    if (call.status === 'open') continue
    totals.calls += 1
    totals.retries += Math.max(0, call.attempts - 1)
    totals.tokensIn += call.tokens_in ?? 0
    totals.tokensOut += call.tokens_out ?? 0
    totals.queuedMs += length(call.opened_at, call.started_at)
    totals.readingMs += length(call.started_at, call.first_token_at)
    totals.writingMs += length(call.first_token_at ?? call.started_at, call.ended_at)
    totals.costMicroUsd += call.cost_micro_usd
  }
  return totals
}

/** The same for each phase of each round, in the order in which they began. */
export function byPhase(calls: readonly BoardCall[]): readonly { readonly label: string; readonly totals: CallTotals }[] {
  const begun = calls.toSorted((a, b) => a.opened_at - b.opened_at)
  const labels = [...new Set(begun.map(({ phase, round }) => longPhaseLabel(phase, round)))]
  return labels.map((label) => ({
    label,
    totals: totalsOf(calls.filter(({ phase, round }) => longPhaseLabel(phase, round) === label)),
  }))
}
