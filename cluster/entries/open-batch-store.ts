import { existsSync } from 'node:fs'
import * as z from 'zod'
import { openSqliteBatchRequests, type SqliteBatchRequests } from '../adapters/sqlite/batch-requests.ts'
import { DAMAGE_ADVICE } from '../adapters/sqlite/failures.ts'
import { salvageBatches } from '../adapters/sqlite/salvage-batches.ts'
import { forgetRestored, restoredBatches, type RestoredBatch } from '../app/batch/restore-requests.ts'
import { activeBatchKey } from '../app/batch/intake/submit.ts'
import { CorruptionError } from '../ports/errors.ts'
import type { SmallState } from '../ports/small-state.ts'
import type { OpenedStore, StoreNotice } from './open-store.ts'

export interface OpenedBatchStore extends Pick<OpenedStore, 'notices' | 'acknowledge'> {
  readonly stored: SqliteBatchRequests
}

/** Id of its notice. */
export const BATCHES_DAMAGE = 'batches.damage'
const KEY = 'storage.batches_damage'
const NAMED = 20

const damage = z.object({
  at: z.int(),
  reason: z.string(),
  copy: z.string(),
  kept_batches: z.int(),
  kept_outcomes: z.int(),
  /** Ended batches of which requests are missing. */
  lacking: z.array(z.string()),
  gaps: z.boolean(),
})

/**
 * Opens the store of requests. A damaged one is kept beside a new file with every row that could be read; batches in motion are then read
 * again from their input files.
 */
export async function openBatchStore(options: {
  readonly file: string
  readonly writerModule: URL
  readonly state: SmallState
  readonly now: () => number
  readonly onFault: (fault: unknown) => void
}): Promise<OpenedBatchStore> {
  const { file, writerModule, state, now, onFault } = options
  const open = () => openSqliteBatchRequests({ file, writerModule, onFault })
  let stored: SqliteBatchRequests
  try {
    stored = await open()
  } catch (fault) {
    if (!(fault instanceof CorruptionError) || !existsSync(file)) throw fault
    onFault(fault)
    const inMotion = new Set((await state.list(activeBatchKey(''))).map(({ key }) => key))
    await salvageBatches({
      file,
      stamp: new Date(now()).toISOString().slice(0, 19).replace(/[:T]/g, '-'),
      onSalvaged: async ({ keptBatches, keptOutcomes, incomplete, hasGaps }, copy) => {
        const lacking = incomplete.map(({ batchId }) => batchId).filter((id) => !inMotion.has(activeBatchKey(id)))
        const counts = { kept_batches: keptBatches, kept_outcomes: keptOutcomes, lacking, gaps: hasGaps }
        const reason = fault.message.replace(` ${DAMAGE_ADVICE}`, '')
        await state.put(KEY, { at: now(), reason, copy, ...counts }, 'any')
      },
    })
    stored = await open()
  }
  return {
    stored,
    notices: async () => noticesOf((await state.get(KEY))?.value, await restoredBatches(state), file),
    acknowledge: async () => {
      await state.remove(KEY)
      await forgetRestored(state)
    },
  }
}

function noticesOf(value: unknown, restored: readonly RestoredBatch[], file: string): readonly StoreNotice[] {
  const known = damage.safeParse(value)
  if (!known.success && restored.length === 0) return []
  const said = known.success ? damageIn(known.data, file) : `${file} lacks requests that the log tells of.`
  const kept = known.success ? ` The damaged file is kept as ${known.data.copy}: check the disk.` : ' Check the disk.'
  return [
    {
      id: BATCHES_DAMAGE,
      severity: 'bad',
      title: 'The requests of batches were damaged when they were opened',
      detail: said + restoredIn(restored) + kept,
      isOver: true,
    },
  ]
}

function damageIn({ reason, kept_batches, kept_outcomes, lacking, gaps }: z.infer<typeof damage>, file: string): string {
  const ended =
    lacking.length === 0
      ? ''
      : ` Of ${lacking.length} ended batches requests are missing from their pages and from a retry; their result files are whole: ${listed(lacking)}.`
  const unknown = gaps ? ' Parts of the file cannot be read at all: pages of other ended batches may be empty.' : ''
  return `${reason} ${kept_outcomes} outcomes of ${kept_batches} batches were taken over into a new ${file}.${ended}${unknown}`
}

function restoredIn(restored: readonly RestoredBatch[]): string {
  const again = restored.flatMap(({ name, kept, again: sent }) =>
    sent === null ? [] : [`${name} (${kept} outcomes kept, ${sent} requests sent again)`],
  )
  const failed = restored.flatMap(({ name, kept, again: sent }) => (sent === null ? [`${name} (${kept} outcomes kept)`] : []))
  const read = again.length === 0 ? '' : ` Read again from their input files: ${listed(again)}.`
  const lost =
    failed.length === 0
      ? ''
      : ` Could not go on, because their input files cannot be read again: ${listed(failed)}. Submit those files again.`
  return read + lost
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, NAMED).join(', ')}${words.length > NAMED ? ', …' : ''}`
}
