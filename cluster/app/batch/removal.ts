import { isTerminal } from '../../domain/batch/transitions.ts'
import { batchSubject } from '../../messages/batch-events.ts'
import type { BlobReference } from '../../messages/blob.ts'
import { TOMBSTONE_TYPE } from '../../messages/envelope.ts'
import type { BatchRequests } from '../../ports/batch-requests.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { Batches, BatchFiles } from '../../ports/batches.ts'
import type { InputUses } from './files/input-uses.ts'
import { missingBatch, type BatchStates } from './states.ts'

type Removed = Exclude<Awaited<ReturnType<Batches['expire']>>, Refusal>

export interface RemovalPorts {
  readonly log: EventLog
  readonly clock: Clock
  readonly newId: () => string
  readonly blobs: Blobs
  readonly requests: BatchRequests
  readonly states: BatchStates
  readonly files: Pick<BatchFiles, 'remove'>
  readonly uses: InputUses
}

/**
 * Removes ended batches, one after the other: of two that name the same file, the second has to see that the first is gone. The
 * tombstone comes last, so that a removal that was cut off can be asked for again and leaves nothing behind.
 */
export function createRemoval(ports: RemovalPorts): Batches['expire'] {
  const { log, clock, newId, blobs, requests, states, files, uses } = ports
  let last: Promise<unknown> = Promise.resolve()

  async function removeFile({ id, content }: { readonly id: string; readonly content: BlobReference }): Promise<number> {
    const removed = await files.remove(id)
    return removed.kind === 'removed' ? content.size : 0
  }

  async function expire(batchId: string, actor: string): Promise<Removed | Refusal> {
    const loaded = await states.load(batchId)
    if (loaded.kind !== 'batch') return missingBatch(batchId, loaded.kind)
    const { status, spec, ended } = loaded.state
    if (!isTerminal(status)) return refuse('conflict', 'It is still in motion; cancel it first.')
    let bytes = 0
    for (const file of [ended?.output, ended?.errors]) if (file) bytes += await removeFile(file)
    if (ended?.manifest && (await blobs.remove(ended.manifest.sha256))) bytes += ended.manifest.size
    await requests.remove(batchId)
    const input = { id: spec.input_file_id, content: spec.input }
    if (!(await uses.isUsed(input.id, batchId))) bytes += await removeFile(input)
    await uses.remove(spec.input_file_id, batchId)
    const { tenant } = spec
    const about = { id: newId(), type: TOMBSTONE_TYPE, at: clock.now(), actor, tenant, schema: 1 }
    await log.purge(batchSubject(batchId), { ...about, data: { status } })
    states.forget(batchId)
    return { kind: 'removed', bytes }
  }

  return (batchId, actor) => {
    const done = last.then(() => expire(batchId, actor))
    last = done.catch(() => undefined)
    return done
  }
}
