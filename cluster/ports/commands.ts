import type { Answered } from '../messages/commands.ts'
import type { RunUpdate } from '../messages/run-updates.ts'

/** Who asks, under which command id, and until when the answer is of use. */
export interface CommandContext {
  readonly commandId: string
  readonly actor: string
  readonly signal: AbortSignal
}

/** Does the command called `capability.verb`: the same for every way in. Never rejects. */
export type Dispatch = (name: string, input: unknown, context: CommandContext) => Promise<Answered>

/** What happens in one run from now on: a snapshot, then changes, until the run has ended or `signal` aborts. */
export type WatchRun = (taskId: string, signal: AbortSignal) => AsyncIterable<RunUpdate>
