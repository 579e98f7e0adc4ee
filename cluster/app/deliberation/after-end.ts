import { decideArchive, decideDismiss, decideOutcome, type AfterEnd, type RunState } from '../../domain/deliberation/index.ts'
import { MAX_CORRECTION_BYTES, type OutcomeInput } from '../../messages/outcome.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { missingRun, type Runs } from './runs.ts'

export interface Recorded {
  readonly kind: 'recorded'
}

/** Keeps what a person says of an ended run. A repeated command changes nothing. */
export async function recordOutcome(runs: Runs, taskId: string, actor: string, given: OutcomeInput): Promise<Recorded | Refusal> {
  const bytes = given.verdict === 'corrected' ? new TextEncoder().encode(given.correction).length : 0
  if (bytes > MAX_CORRECTION_BYTES)
    return refuse(
      'invalid-input',
      `The correction has ${bytes} bytes; ${MAX_CORRECTION_BYTES} are kept at most. Shorten it, or re-run with changes.`,
      { field: 'outcome.correction' },
    )
  return await change(runs, taskId, actor, (state) => decideOutcome(state, given, actor))
}

export async function archive(runs: Runs, taskId: string, actor: string, archived: boolean): Promise<Recorded | Refusal> {
  return await change(runs, taskId, actor, (state) => decideArchive(state, archived, actor))
}

export async function dismiss(runs: Runs, taskId: string, actor: string): Promise<Recorded | Refusal> {
  return await change(runs, taskId, actor, (state) => decideDismiss(state, actor))
}

async function change(
  runs: Runs,
  taskId: string,
  actor: string,
  decide: (state: RunState) => AfterEnd,
): Promise<Recorded | Refusal> {
  const loaded = await runs.load(taskId)
  if (loaded.kind !== 'run') return missingRun(taskId, loaded.kind)
  const refused = refusal(decide(loaded.state))
  if (refused) return refused
  await runs.change(taskId, actor, (state) => {
    const decision = decide(state)
    return decision.kind === 'events' ? decision.events : []
  })
  return { kind: 'recorded' }
}

function refusal(decision: AfterEnd): Refusal | null {
  switch (decision.kind) {
    case 'events':
      return null
    case 'not_ended':
      return refuse('conflict', 'The run is still in motion; wait for its end, or cancel it first.')
    case 'no_proposal':
      return refuse('conflict', decision.message)
  }
}
