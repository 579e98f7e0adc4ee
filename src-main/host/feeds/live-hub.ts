import type { LiveMessage } from '../../../cluster/messages/live.ts'
import type { LiveChannel } from '../../../cluster/ports/live-channel.ts'
import type { LiveCall, LiveUpdate } from '../../../src-preload/contract/deliberation.ts'
import { changes } from './changes.ts'

export interface LiveHub {
  /** What is being written in one run: everything so far, then what is new, at most every `intervalMs`. */
  watch(taskId: string, intervalMs: number, signal: AbortSignal): AsyncIterable<LiveUpdate>
  /** Calls in motion over all runs. */
  counts(): { readonly running: number; readonly waiting: number }
  stop(): void
}

interface Following {
  messages: LiveMessage[]
  /** Where in `messages` the last one of each call is: text that follows it there becomes part of it, whoever else writes meanwhile. */
  readonly lastOf: Map<string, number>
  /** Too much was waiting for a slow reader: the next update is a snapshot. */
  overflown: boolean
  readonly wake: () => void
}

/** Messages kept for one reader between two updates; above it the reader gets a snapshot instead. */
const MAX_WAITING = 2000
/** Text kept of one call, in characters. */
const MAX_TEXT = 2_000_000

/** Holds the state of every open call, so that a page that joins late sees the same as one that was there. */
export function createLiveHub(channel: LiveChannel): LiveHub {
  const calls = new Map<string, Map<string, LiveCall>>()
  const followers = new Map<string, Set<Following>>()
  const end = channel.subscribe((message) => {
    take(calls, message)
    for (const follower of followers.get(message.task_id) ?? []) {
      const at = follower.lastOf.get(message.id) ?? -1
      const last = follower.messages[at]
      if (message.kind === 'delta' && last?.kind === 'delta' && last.position + last.text.length === message.position)
        follower.messages[at] = { ...last, text: last.text + message.text }
      else follower.lastOf.set(message.id, follower.messages.push(message) - 1)
      if (follower.messages.length > MAX_WAITING) {
        takeAll(follower)
        follower.overflown = true
      }
      follower.wake()
    }
  })

  const snapshot = (taskId: string): LiveUpdate => ({
    type: 'snapshot',
    calls: [...(calls.get(taskId)?.values() ?? [])].map((call) => ({ ...call })),
  })

  return {
    stop: end,

    counts() {
      const all = [...calls.values()].flatMap((run) => [...run.values()])
      const running = all.filter((call) => call.state === 'running').length
      return { running, waiting: all.length - running }
    },

    watch(taskId, intervalMs, signal) {
      const waiting: { current?: Following } = {}
      const woken = changes(
        (onChanged) => {
          const follower: Following = { messages: [], lastOf: new Map(), overflown: false, wake: () => onChanged([taskId]) }
          waiting.current = follower
          const all = followers.get(taskId) ?? new Set()
          followers.set(taskId, all.add(follower))
          return () => {
            all.delete(follower)
            if (all.size === 0 && followers.get(taskId) === all) followers.delete(taskId)
          }
        },
        intervalMs,
        signal,
      )
      return (async function* () {
        yield snapshot(taskId)
        for await (const _ of woken) {
          const follower = waiting.current
          if (!follower) return
          const messages = takeAll(follower)
          if (follower.overflown) yield snapshot(taskId)
          else if (messages.length > 0) yield { type: 'changes', messages }
          follower.overflown = false
        }
      })()
    },
  }
}

function takeAll(follower: Following): LiveMessage[] {
  const { messages } = follower
  follower.messages = []
  follower.lastOf.clear()
  return messages
}

function take(calls: Map<string, Map<string, LiveCall>>, message: LiveMessage): void {
  const run = calls.get(message.task_id) ?? new Map<string, LiveCall>()
  calls.set(message.task_id, run)
  const call = run.get(message.id)
  const fresh = { id: message.id, since: message.at, attempt: 1, error: null, text: '', first_text_at: null }
  switch (message.kind) {
    case 'queued':
      run.set(message.id, { ...fresh, state: 'queued' })
      break
    case 'started':
      run.set(message.id, { ...fresh, state: 'running', attempt: message.attempt })
      break
    case 'delta':
      if (!call || call.text.length !== message.position || call.text.length > MAX_TEXT) break
      call.text += message.text
      call.first_text_at ??= message.at
      break
    case 'retrying':
      run.set(message.id, { ...fresh, state: 'retrying', attempt: message.attempt, error: message.error })
      break
    case 'ended':
      run.delete(message.id)
      if (run.size === 0) calls.delete(message.task_id)
      break
  }
}
