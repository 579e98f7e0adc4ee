import type { DeliberationEvent } from '../../messages/deliberation-events.ts'

type Ended = Extract<DeliberationEvent, { type: 'deliberation.ended' }>['data']

type RiskChanged = Extract<DeliberationEvent, { type: 'deliberation.risk_changed' }>['data']

interface NoticeText {
  readonly severity: 'good' | 'warn' | 'bad' | 'info'
  readonly title: string
  readonly body: string
}

/** What an operator hears when a run ends. */
export function noticeOf(title: string, { status, winner_id, partial, message }: Ended): NoticeText {
  const body = message === '' ? title : `${title}: ${message}`
  switch (status) {
    case 'COMPLETED':
      return {
        severity: partial ? 'warn' : 'good',
        title: winner_id ? `Done, ${winner_id} wins${partial ? ' (partial)' : ''}` : 'Done',
        body,
      }
    case 'TIMEOUT':
      return { severity: 'warn', title: 'Timed out', body }
    case 'CANCELLED':
      return { severity: 'info', title: 'Cancelled', body }
    case 'FAILED':
      return { severity: 'bad', title: 'Failed', body }
    case 'UNKNOWN':
    case 'PENDING':
    case 'IN_PROGRESS':
    case 'EXPIRED':
      return { severity: 'info', title: status, body }
  }
}

/** What an operator hears when a run may miss its deadline; null where that got no worse. */
export function riskNotice(title: string, { from, to, why }: RiskChanged): NoticeText | null {
  const body = `${title}: ${why}`
  if (to === 'breaching') return { severity: 'bad', title: 'Will miss its deadline', body }
  return to === 'at_risk' && from === 'on_track' ? { severity: 'warn', title: 'At risk of missing its deadline', body } : null
}
