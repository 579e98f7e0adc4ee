import type { NewestUpdate } from '../../src-preload/contract/deliberation.ts'
import type { ShapeName, Tone } from '../ui/icons.tsx'

export type RunRow = Extract<NewestUpdate, { type: 'snapshot' }>['rows'][number]

export interface StateWords {
  readonly word: string
  readonly tone: Tone
  readonly shape: ShapeName
}

/** The state of a run as shape and word; risk of the deadline comes before "running". */
export function runState(row: RunRow): StateWords {
  switch (row.status) {
    case 'UNKNOWN':
      return { word: 'Unknown', tone: 'neutral', shape: 'dash' }
    case 'PENDING':
      return { word: 'Waiting', tone: 'neutral', shape: 'wait' }
    case 'IN_PROGRESS':
      if (row.deadline_risk === 'breaching') return { word: 'Will miss', tone: 'bad', shape: 'bad' }
      if (row.deadline_risk === 'at_risk') return { word: 'At risk', tone: 'warn', shape: 'warn' }
      return { word: 'Running', tone: 'info', shape: 'run' }
    case 'COMPLETED':
      return row.partial ? { word: 'Partial', tone: 'warn', shape: 'warn' } : { word: 'Done', tone: 'good', shape: 'good' }
    case 'FAILED':
      return { word: 'Failed', tone: 'bad', shape: 'bad' }
    case 'TIMEOUT':
      return { word: 'Timed out', tone: 'warn', shape: 'wait' }
    case 'CANCELLED':
      return { word: 'Cancelled', tone: 'neutral', shape: 'stop' }
    case 'EXPIRED':
      return { word: 'Expired', tone: 'neutral', shape: 'dash' }
  }
}

export function isActive(row: RunRow): boolean {
  return row.status === 'PENDING' || row.status === 'IN_PROGRESS'
}

/** `3 agents, R2 revise` */
export function nowWords(row: RunRow): string {
  const agents = `${row.num_agents} ${row.num_agents === 1 ? 'agent' : 'agents'}`
  if (row.phase === null) return agents
  const inRound = row.phase === 'critique' || row.phase === 'revise'
  return `${agents}, ${inRound ? `R${row.round} ` : ''}${row.phase}`
}
