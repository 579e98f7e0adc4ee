import * as z from 'zod'
import { liveMessage } from '../../messages/live.ts'
import type { LiveMessage } from '../../messages/live.ts'
import type { Progress } from '../../messages/progress.ts'
import { LIVE_SUBJECTS, liveSubject, PROGRESS_SUBJECT } from '../../messages/subjects.ts'
import { callPhase } from '../../messages/work.ts'
import type { LiveChannel } from '../../ports/live-channel.ts'
import { reasonOf } from './failures.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'

/** Messages on their way to the server; beyond it the newest are lost, which readers see by the gap. */
const UNCONFIRMED_MESSAGES = 4_096
const CONFIRM_EVERY = 256

/** The live channel over core NATS: nothing is stored, and what cannot be sent at once, or in one message, is lost. */
export function createNatsLiveChannel(link: Link, names: Names): LiveChannel {
  const { connection } = link
  let sent = 0
  let confirmed = 0

  function send(subject: string, message: unknown): void {
    if (link.status().kind !== 'connected' || sent - confirmed >= UNCONFIRMED_MESSAGES) return
    const data = new TextEncoder().encode(JSON.stringify(message))
    if (data.length > (connection.info?.max_payload ?? Infinity)) return
    connection.publish(names.subject(subject), data)
    sent += 1
    if (sent % CONFIRM_EVERY !== 0) return
    const upTo = sent
    connection.flush().then(
      () => (confirmed = Math.max(confirmed, upTo)),
      // Cut off: what was on its way is lost, and nothing waits any more.
      () => (confirmed = sent),
    )
  }

  return {
    publish: (message) => {
      const call = callOf(message)
      send(liveSubject(message.task_id, call.agent_id), message)
      const progress = progressOf(message, call)
      if (progress) send(PROGRESS_SUBJECT, progress)
    },
    subscribe: (listener) => {
      const subscription = connection.subscribe(names.subject(LIVE_SUBJECTS), {
        callback: (error, received) => {
          try {
            if (error) throw error
            listener(liveMessage.parse(received.json()))
          } catch (cause) {
            link.report(new Error(`A live message was not taken: ${reasonOf(cause)}`, { cause }))
          }
        },
      })
      return () => subscription.unsubscribe()
    },
  }
}

const callId = z.tuple([z.string(), callPhase, z.string()])

interface CallOfMessage {
  readonly agent_id: string
  readonly phase: Progress['phase'] | undefined
}

/** The agent and phase in the id `task.round.phase.agent`; of any other id its last part. */
function callOf({ id }: LiveMessage): CallOfMessage {
  const parts = id.split('.').slice(-3)
  const call = callId.safeParse(parts)
  return call.success ? { phase: call.data[1], agent_id: call.data[2] } : { phase: undefined, agent_id: parts.at(-1) ?? id }
}

function progressOf(message: LiveMessage, { agent_id, phase }: CallOfMessage): Progress | undefined {
  if (!phase || message.kind === 'delta') return undefined
  const says: Readonly<Record<typeof message.kind, string>> = {
    queued: 'Waits for the engine.',
    started: 'The engine answers.',
    retrying: message.kind === 'retrying' ? `Tries again: ${message.error}` : '',
    ended: 'Ended.',
  }
  const progress_pct = message.kind === 'ended' ? 100 : 0
  return { task_id: message.task_id, agent_id, phase, progress_pct, message: says[message.kind] }
}
