import { createWakeUp } from '../local/wake-up.ts'
import type { WakeUp } from '../local/wake-up.ts'
import type { Link } from './link.ts'

/** Followers look by themselves this often, should word of a change have got lost. */
const RECHECK_MS = 2_000

/**
 * The wake-up of those who follow a stream, notified of what the server repeats on `subject`, after reconnections, at the end of the
 * link, and now and then. Nothing is subscribed before the first one follows.
 */
export function createWordOfChanges(link: Link, subject: string): () => WakeUp {
  let wakeUp: WakeUp | undefined
  return () => {
    if (wakeUp) return wakeUp
    const changed = createWakeUp()
    if (link.status().kind === 'closed') return changed
    const notify = () => changed.notify()
    const recheck = setInterval(notify, RECHECK_MS).unref()
    link.connection.subscribe(subject, { callback: notify })
    link.onChange(() => {
      if (link.status().kind === 'closed') clearInterval(recheck)
      changed.notify()
    })
    return (wakeUp = changed)
  }
}
