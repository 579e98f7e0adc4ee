import { isTerminal } from '../../domain/deliberation/index.ts'
import { deliberationSubject } from '../../messages/deliberation-events.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { RunBlobs } from '../texts/run-blobs.ts'
import { missingRun, type Runs } from './runs.ts'

/** What removing a run would take out of the log and the blob store. */
export interface Removal {
  readonly kind: 'removal'
  readonly events: number
  readonly bytes: number
}

export async function weighRemoval(
  { log, runs, runBlobs }: { readonly log: EventLog; readonly runs: Runs; readonly runBlobs: Pick<RunBlobs, 'weigh'> },
  taskId: string,
): Promise<Removal | Refusal> {
  const loaded = await runs.load(taskId)
  if (loaded.kind !== 'run') return missingRun(taskId, loaded.kind)
  if (!isTerminal(loaded.state)) return refuse('conflict', 'The run is still in motion; cancel it first.')
  const entries = await log.readSubject(deliberationSubject(taskId))
  const events = entries.flatMap((entry) => entry.events)
  const logged = new TextEncoder().encode(JSON.stringify(events)).length
  return { kind: 'removal', events: events.length, bytes: logged + (await runBlobs.weigh(taskId)) }
}
