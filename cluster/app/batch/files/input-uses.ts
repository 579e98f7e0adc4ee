import { batchEvent } from '../../../messages/batch-events.ts'
import type { EventLog } from '../../../ports/event-log.ts'
import type { SmallState } from '../../../ports/small-state.ts'

/** Which batches name an input file: it goes with the last of them. */
export interface InputUses {
  /** To be told before the batch is stored, so that none names a file unnoticed. */
  add(fileId: string, batchId: string): Promise<void>
  remove(fileId: string, batchId: string): Promise<void>
  /** Whether a batch other than `but`, in motion or ended, names it. */
  isUsed(fileId: string, but?: string): Promise<boolean>
  /** Takes back what was told of a batch that never came to be. */
  forget(batchId: string): Promise<void>
}

const USES = 'batch.input.'
const ofFile = (fileId: string): string => `${USES}${fileId}.`
/** Set once the log was looked through for batches of versions that kept no such entries. */
const IS_COMPLETE = 'batch.inputs_complete'
const ENTRIES_AT_ONCE = 500

/** Uses over small state: one entry `batch.input.FILE.BATCH` each. */
export async function openInputUses({ state, log }: { state: SmallState; log: EventLog }): Promise<InputUses> {
  async function add(fileId: string, batchId: string): Promise<void> {
    await state.put(ofFile(fileId) + batchId, true, 'any')
  }
  if (!(await state.get(IS_COMPLETE))) {
    await readFromLog(log, add)
    await state.put(IS_COMPLETE, true, 'any')
  }
  return {
    add,
    async remove(fileId, batchId) {
      await state.remove(ofFile(fileId) + batchId)
    },
    async isUsed(fileId, but) {
      const uses = await state.list(ofFile(fileId))
      return uses.some(({ key }) => key.slice(ofFile(fileId).length) !== but)
    },
    async forget(batchId) {
      for (const { key } of await state.list(USES)) if (key.endsWith(`.${batchId}`)) await state.remove(key)
    },
  }
}

async function readFromLog(log: EventLog, add: InputUses['add']): Promise<void> {
  for (let after = 0; ;) {
    const entries = await log.readAfter(after, ENTRIES_AT_ONCE)
    for (const { events, sequence } of entries) {
      after = sequence
      const first = events[0]?.type === 'batch.submitted' ? batchEvent.safeParse(events[0]).data : undefined
      if (first?.type === 'batch.submitted') await add(first.data.spec.input_file_id, first.data.spec.batch_id)
    }
    if (entries.length < ENTRIES_AT_ONCE) return
  }
}
