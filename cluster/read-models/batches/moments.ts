import type { BatchEvent } from '../../messages/batch-events.ts'
import type { BatchRow } from '../../messages/batch-views.ts'
import type { SlaState } from '../../messages/batch.ts'

/** Something in a batch's life that its page tells; `isNotice`: an operator should hear of it once, wherever they are. */
export interface Moment {
  readonly kind: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly message: string
  readonly isNotice: boolean
}

const slaSeverity: Readonly<Record<SlaState, Moment['severity']>> = {
  estimating: 'info',
  on_track: 'info',
  inside_buffer: 'info',
  at_risk: 'warning',
  breaching: 'critical',
  breached: 'critical',
  met: 'info',
  missed: 'critical',
}

const slaWords: Readonly<Record<SlaState, string>> = {
  estimating: 'Estimating',
  on_track: 'On track',
  inside_buffer: 'Inside the buffer before the deadline',
  at_risk: 'At risk',
  breaching: 'Breaching: more likely late than not',
  breached: 'Past its deadline',
  met: 'Met its deadline',
  missed: 'Missed its deadline',
}

const endSeverity = { completed: 'info', cancelled: 'info', expired: 'warning', failed: 'critical' } as const
const quiet = { severity: 'info', isNotice: false } as const

/** What an event means to whoever reads the page, `before` it being as it was; null for those that only move numbers. */
export function momentOf(event: BatchEvent, before?: BatchRow): Moment | null {
  switch (event.type) {
    case 'batch.submitted':
    case 'batch.validated':
    case 'batch.progress':
    case 'batch.finalizing':
      return null
    case 'batch.refused':
      return { kind: 'refused', severity: 'critical', message: event.data.message, isNotice: true }
    case 'batch.started':
      return { kind: 'started', ...quiet, message: 'Started' }
    case 'batch.paused':
      return {
        kind: 'paused',
        ...quiet,
        message: `Paused by ${event.data.by}${event.data.reason === '' ? '' : `: ${event.data.reason}`}`,
      }
    case 'batch.resumed':
      return { kind: 'resumed', ...quiet, message: `Resumed by ${event.data.by}` }
    case 'batch.changed':
      return { kind: 'changed', ...quiet, message: `${changeWords(event.data, before)} by ${event.data.by}` }
    case 'batch.planned_again':
      return { kind: 'planned_again', severity: 'warning', message: event.data.message, isNotice: true }
    case 'batch.cancelling':
      return { kind: 'cancelling', ...quiet, message: `Cancelled by ${event.data.by}` }
    case 'batch.sla_changed': {
      const { from, to, why } = event.data
      const severity = slaSeverity[to]
      // The end says so itself.
      const isNotice = severity !== 'info' && to !== 'missed'
      const words = to === 'on_track' && slaSeverity[from] !== 'info' ? 'On track again' : slaWords[to]
      return { kind: `sla.${to}`, severity, message: why === '' ? words : `${words}: ${why}`, isNotice }
    }
    case 'batch.alerted':
      return {
        kind: event.data.kind,
        severity: event.data.kind === 'stalled' ? 'critical' : 'warning',
        message: event.data.message,
        isNotice: true,
      }
    case 'batch.overflow':
      return overflowMoment(event.data)
    case 'batch.ended': {
      const { status, counts, message } = event.data
      const severity = status === 'completed' && counts.failed > 0 ? 'warning' : endSeverity[status]
      return { kind: status, severity, message, isNotice: true }
    }
    case 'batch.settled':
      return {
        kind: event.data.verdict,
        severity: event.data.verdict === 'met' ? 'info' : 'critical',
        message: slaWords[event.data.verdict],
        isNotice: false,
      }
  }
}

function changeWords(
  { settings, deadline }: Extract<BatchEvent, { type: 'batch.changed' }>['data'],
  before: BatchRow | undefined,
): string {
  const { priority_offset: offset, not_before: start = null } = settings
  const words: string[] = []
  if (before && offset !== before.priority_offset)
    words.push(
      `${offset > before.priority_offset ? 'Moved up' : 'Moved down'} in the queue (priority ${signed(offset)} instead of ${signed(before.priority_offset)})`,
    )
  if (before && start !== before.not_before) words.push(start === null ? 'Set to start at once' : `Start set to ${utc(start)}`)
  if (before && deadline !== before.deadline) words.push(`Deadline moved to ${utc(deadline)}`)
  return words.length === 0 ? 'Settings changed' : words.join('; ')
}

const signed = (offset: number): string => (offset > 0 ? `+${offset}` : String(offset).replace('-', '−'))
const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

function overflowMoment(data: Extract<BatchEvent, { type: 'batch.overflow' }>['data']): Moment {
  const kind = `overflow.${data.state}`
  switch (data.state) {
    case 'started':
      return {
        kind,
        severity: 'warning',
        message: `Overflow to ${data.to.model} started, because ${data.why}`,
        isNotice: true,
      }
    case 'blocked':
      return { kind, severity: 'warning', message: `No fallback takes over: ${data.why}`, isNotice: true }
    case 'ended':
      return { kind, ...quiet, message: `Overflow ended: ${data.why}` }
  }
}
