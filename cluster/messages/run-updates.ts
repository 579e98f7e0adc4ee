import * as z from 'zod'
import { deliberationResult } from './deliberation-result.ts'
import { deliberationStatus } from './deliberation.ts'
import { callPhase } from './work.ts'

/** How far a run is. */
export const runProgress = z.object({
  task_id: z.string(),
  status: z.enum(['generating', 'reviewing', 'revising', 'checking', 'scoring', 'selecting', 'complete']),
  run_status: deliberationStatus,
  progress_percent: z.int().min(0).max(100),
  /** Such as `critique, round 1`. */
  current_step: z.string(),
  /** The agent that began to write last, of those that write now. */
  current_agent: z.string().nullable(),
})
export type RunProgress = z.infer<typeof runProgress>

const call = { agent_id: z.string(), phase: callPhase, round: z.int().nonnegative() }

/** A call in motion and its text so far. */
const openCall = z.object({ ...call, state: z.enum(['queued', 'running', 'retrying']), attempt: z.int(), text: z.string() })

/**
 * What a follower of one run hears. `snapshot` comes first, and again where it fell behind; `result` comes last. Deltas are of the call's
 * running try: `call` with the state `started` begins its text anew.
 */
export const runUpdate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), ...runProgress.shape, calls: z.array(openCall), partial_result: deliberationResult }),
  z.object({ type: z.literal('status'), ...runProgress.shape }),
  z.object({
    type: z.literal('call'),
    ...call,
    state: z.enum(['queued', 'started', 'retrying', 'ended']),
    error: z.string().nullable(),
  }),
  /** `position`: characters before `text`. */
  z.object({ type: z.literal('delta'), ...call, position: z.int().nonnegative(), text: z.string() }),
  z.object({ type: z.literal('result'), result: deliberationResult }),
])
export type RunUpdate = z.infer<typeof runUpdate>
