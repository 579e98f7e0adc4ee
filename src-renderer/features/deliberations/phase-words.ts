import type { Phase } from './shapes.ts'

type PhaseName = Phase['phase']

const names: Readonly<Record<PhaseName, string>> = {
  propose: 'Propose',
  critique: 'critique',
  revise: 'revise',
  check: 'Check',
  score: 'Score',
  select: 'Select',
}

/** "Propose", "critique", "Score": without its round. */
export function phaseName(phase: PhaseName): string {
  return names[phase]
}

/** "Propose", "R2 revise", "Score". */
export function phaseLabel(phase: PhaseName, round: number): string {
  return phase === 'critique' || phase === 'revise' ? `R${round} ${names[phase]}` : names[phase]
}

/** "Prop", "Crit 2", "Rev 2": where there is room for a few letters. */
export function shortPhaseLabel(phase: PhaseName, round: number): string {
  switch (phase) {
    case 'propose':
      return 'Prop'
    case 'critique':
      return `Crit ${round}`
    case 'revise':
      return `Rev ${round}`
    case 'check':
    case 'score':
    case 'select':
      return names[phase]
  }
}

/** "Propose", "Round 2: revise", "Score by peers": for tables with room. */
export function longPhaseLabel(phase: PhaseName, round: number): string {
  switch (phase) {
    case 'critique':
    case 'revise':
      return `Round ${round}: ${names[phase]}`
    case 'score':
      return 'Score by peers'
    case 'select':
      return 'Select by architect'
    case 'propose':
    case 'check':
      return names[phase]
  }
}

/** What the agents do in a phase: "proposing", "revising". */
export const phaseDoing: Readonly<Record<PhaseName, string>> = {
  propose: 'proposing',
  critique: 'criticising',
  revise: 'revising',
  check: 'checking',
  score: 'scoring',
  select: 'selecting',
}

/** What an agent has done once its call of the phase is in: "Proposed". */
export const phaseDone: Readonly<Record<PhaseName, string>> = {
  propose: 'Proposed',
  critique: 'Reviewed',
  revise: 'Revised',
  check: 'Checked',
  score: 'Scored',
  select: 'Selected',
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** "agent-001, agent-002 and agent-003". */
export function listed(items: readonly string[]): string {
  const last = items.at(-1)
  return last === undefined || items.length === 1 ? (last ?? '') : `${items.slice(0, -1).join(', ')} and ${last}`
}
