import { deliberationEvent } from '../../messages/deliberation-events.ts'
import type { EventEnvelope } from '../../messages/envelope.ts'
import { callKey, type ChatMessage, type WorkItem } from '../../messages/work.ts'

/** What was sent after the prompt of a call where its reply was not the JSON asked for; empty where nothing was. */
export function secondPromptOf(
  events: readonly EventEnvelope[],
  call: Pick<WorkItem, 'round' | 'phase' | 'agent_id' | 'attempt'>,
): ChatMessage[] {
  for (const { type, data } of events) {
    const known = deliberationEvent.safeParse({ type, data }).data
    if (known?.type !== 'deliberation.answered' && known?.type !== 'deliberation.call_failed') continue
    if (callKey(known.data) === callKey(call) && (known.data.attempt ?? 1) === call.attempt) return known.data.repair ?? []
  }
  return []
}
