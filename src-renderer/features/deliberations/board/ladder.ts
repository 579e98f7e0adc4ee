import * as format from '../../../lib/format.ts'
import type { LadderStep } from '../../../ui/ladder.tsx'
import { phaseLabel, shortPhaseLabel } from '../phase-words.ts'
import type { Board, Phase } from '../shapes.ts'

/** From this many on the steps have room for a few letters only. */
const COMPACT_FROM = 8

/** The phases of a run as steps: what they took, how far the current one is, what the coming ones should take. */
export function ladderOf(board: Board, now: number): LadderStep[] {
  const ended = board.row.ended_at
  const compact = board.phases.length >= COMPACT_FROM
  return board.phases.map((phase) => {
    const cut = wasCut(board, phase)
    const idle = checkedNothing(board, phase)
    const awaited = awaitedSamples(board, phase)
    const words = idle
      ? [compact ? 'none' : 'none applied']
      : awaited > 0
        ? [`awaits ${format.counted(awaited, 'sample')}`]
        : whatOf(phase, cut, ended, now, compact)
    return {
      id: `${phase.round}.${phase.phase}`,
      name: compact ? shortPhaseLabel(phase.phase, phase.round) : phaseLabel(phase.phase, phase.round),
      what: [compact ? (words[0] ?? '').replace(/^awaits /, '') : words.join(', ')],
      state: idle ? 'skipped' : stateOf(phase, ended),
      progress: shareOf(phase, now),
      ...(cut && { shape: 'warn', tone: 'warn' }),
    }
  })
}

/** The check phase is over, and no check applied to any text: neither done nor failed. */
function checkedNothing({ checks }: Board, phase: Phase): boolean {
  return (
    phase.phase === 'check' &&
    phase.state === 'done' &&
    checks.every((entry) => entry.checks.every((check) => check.status === 'skipped'))
  )
}

/** How many samples of the baseline the run waits for, once this phase has every answer of its own. */
export function awaitedSamples({ row, baseline }: Board, { state, received, failed, expected }: Phase): number {
  if (row.ended_at !== null || state !== 'running' || received + failed < expected) return 0
  return baseline?.samples.filter(({ call }) => call.status === 'open').length ?? 0
}

/** The run ended while answers of this phase were still out. */
function wasCut({ row }: Board, phase: Phase): boolean {
  return (
    row.ended_at !== null &&
    row.status !== 'COMPLETED' &&
    phase.state === 'done' &&
    phase.received > 0 &&
    phase.received + phase.failed < phase.expected
  )
}

function stateOf(phase: Phase, ended: number | null): LadderStep['state'] {
  switch (phase.state) {
    case 'done':
      return phase.expected > 0 && phase.received === 0 ? 'bad' : 'done'
    case 'running':
      return 'half'
    case 'skipped':
      return 'skipped'
    case 'planned':
      return ended === null ? 'next' : 'skipped'
  }
}

/** Most telling first. */
function whatOf(phase: Phase, cut: boolean, ended: number | null, now: number, compact: boolean): string[] {
  const count = phase.expected > 0 ? [`${phase.received} of ${phase.expected}`] : []
  switch (phase.state) {
    case 'done': {
      const took =
        phase.started_at === null || phase.ended_at === null ? [] : [format.duration(phase.ended_at - phase.started_at)]
      return cut ? [...count, 'then the end'] : [...took, ...count]
    }
    case 'running':
      return [...count, ...(phase.started_at === null ? [] : [format.duration(Math.max(0, now - phase.started_at))])]
    case 'skipped':
      return ['skipped']
    case 'planned':
      if (ended !== null) return ['not reached']
      if (phase.expected_ms === null) return ['time unknown']
      if (compact) return [phase.expected_ms < 1000 ? '<\u00a01\u00a0s' : `≈\u00a0${format.age(phase.expected_ms)}`]
      return [phase.expected_ms < 1000 ? 'under 1\u00a0s' : `about ${format.duration(phase.expected_ms)}`]
  }
}

/** By answers that are in; between two of them by the clock, never beyond the next answer. */
function shareOf(phase: Phase, now: number): number {
  if (phase.state !== 'running') return 0
  const byCount = phase.expected === 0 ? 0 : (phase.received + phase.failed) / phase.expected
  if (phase.expected_ms === null || phase.started_at === null || phase.expected_ms === 0) return byCount
  const byTime = Math.min(0.95, (now - phase.started_at) / phase.expected_ms)
  return Math.max(byCount, byTime)
}
