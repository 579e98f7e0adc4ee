import * as z from 'zod'
import { decidePlannedAgain } from '../../domain/batch/decide.ts'
import { closedRequests, type BatchState } from '../../domain/batch/state.ts'
import type { BatchPlan, BatchSpec } from '../../messages/batch.ts'
import type { BatchRequests } from '../../ports/batch-requests.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { FileValidation } from '../../ports/file-validation.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { faultOfInput } from './files/changed-input.ts'
import type { BatchStates } from './states.ts'

export interface RestoringPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly requests: BatchRequests
  readonly blobs: Blobs
  readonly validation: FileValidation
}

/** What became of a batch whose stored requests were damaged: `again` are sent again; null where it could not go on. */
const restoredBatch = z.object({ name: z.string(), kept: z.int(), again: z.int().nullable() })
export type RestoredBatch = z.infer<typeof restoredBatch>

const RESTORED = 'batch.restored.'

/** Batches whose requests were restored, until the operator has read of it. */
export async function restoredBatches(state: SmallState): Promise<readonly RestoredBatch[]> {
  return z.array(restoredBatch).parse((await state.list(RESTORED)).map(({ value }) => value))
}

/** The operator has read of it. */
export async function forgetRestored(state: SmallState): Promise<void> {
  for (const { key } of await state.list(RESTORED)) await state.remove(key)
}

/**
 * Holds what is stored of the requests of a batch against what its log says. Where some are missing they are read again from its input
 * file; outcomes that are there count, and all others are pending. Resolves to the reason where that cannot be done.
 */
export async function restoreRequests(
  ports: RestoringPorts,
  state: BatchState & { readonly plan: BatchPlan },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { requests, states } = ports
  const { batch_id, name } = state.spec
  const total = state.plan.report.requests
  const isWhole = await requests.isWhole(batch_id, total)
  const fault = isWhole ? undefined : await readAgain(ports, state.spec, total, signal)
  const counts = await requests.counts(batch_id)
  const kept = closedRequests(counts)
  const note = async (again: number | null) => {
    await ports.state.put(RESTORED + batch_id, { name, kept, again }, 'any')
  }
  if (fault !== undefined) {
    await note(null)
    return `The stored requests of ${name} are damaged, and ${fault}, so that what is left cannot be read again. ${kept} of ${total} requests have an outcome. Submit the file again for the others.`
  }
  if (isWhole && kept >= closedRequests(state.counts)) return undefined
  await note(total - kept)
  const message = `The stored requests were damaged and read again from the input file: ${kept} outcomes were kept, ${total - kept} requests are sent again.`
  await states.change(batch_id, 'signalbox', (newest) => decidePlannedAgain(newest, counts, message))
  return undefined
}

/** Why it could not be done; undefined where all `total` requests are there again. */
async function readAgain(
  { requests, blobs, validation }: RestoringPorts,
  spec: BatchSpec,
  total: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const fault = await faultOfInput(blobs, spec)
  if (fault === 'changed') return 'its input file is not the one that was validated'
  const content = fault === 'gone' ? undefined : await blobs.get(spec.input.sha256)
  if (!content) return 'its input file is gone from the store'
  const again = `${spec.batch_id}.again`
  await requests.begin(again)
  const { report } = await validation.validate(content, spec.endpoint, (group) => requests.add(again, group), signal)
  if (report.error_count > 0 || report.requests !== total) {
    await requests.remove(again)
    return 'its input file is no longer taken for valid'
  }
  await requests.replace(spec.batch_id, again)
  return undefined
}
