import type { EndNotice } from '../messages/end-notice.ts'

/** Tells those outside that a run has ended (`deliberation.completed|failed`). */
export interface EndNotices {
  /** Durable when it resolves. A notice of a run that was told before changes nothing. */
  publish(notice: EndNotice): Promise<void>
}
