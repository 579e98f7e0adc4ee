import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import * as z from 'zod'
import { openSqliteContext, type SqliteContext } from '../adapters/sqlite/context.ts'
import { DAMAGE_ADVICE } from '../adapters/sqlite/failures.ts'
import { salvageDatabase } from '../adapters/sqlite/salvage.ts'
import { TOMBSTONE_TYPE } from '../messages/envelope.ts'
import { CorruptionError } from '../ports/errors.ts'

/** What keeps the store from being whole, in words for an operator: what is wrong, what still works, what to do. */
export interface StoreNotice {
  readonly id: string
  readonly severity: 'warn' | 'bad'
  readonly title: string
  readonly detail: string
  /** True for what happened and is over: it stays until somebody has read it. */
  readonly isOver: boolean
}

export interface OpenedStore {
  readonly store: SqliteContext
  readonly notices: () => Promise<readonly StoreNotice[]>
  /** The operator has read of the damage. */
  readonly acknowledge: () => Promise<void>
}

const KEY = 'storage.damage'
const IDS_NAMED = 20

const damage = z.object({
  at: z.int(),
  reason: z.string(),
  copy: z.string(),
  kept_runs: z.int(),
  lost_runs: z.array(z.string()),
  gaps: z.int(),
})

/**
 * Opens the log. A damaged one is kept beside a new file with all runs that could be read whole, so that the console opens; what was
 * read from the old one (`readModels`) is thrown away.
 */
export async function openStore(options: {
  readonly file: string
  readonly readModels: string
  readonly writerModule: URL
  readonly now: () => number
  readonly onFault: (fault: unknown) => void
}): Promise<OpenedStore> {
  const { file, writerModule, now, onFault } = options
  const open = () => openSqliteContext({ file, writerModule })
  let store: SqliteContext
  try {
    store = await open()
  } catch (fault) {
    if (!(fault instanceof CorruptionError) || !existsSync(file)) throw fault
    onFault(fault)
    const stamp = new Date(now()).toISOString().slice(0, 19).replace(/[:T]/g, '-')
    const { copy, keptSubjects, lostSubjects, gaps } = await salvageDatabase({ file, stamp, isBeginning })
    for (const suffix of ['', '-wal', '-shm']) await rm(options.readModels + suffix, { force: true })
    store = await open()
    const lost_runs = lostSubjects.map((subject) => subject.split('.').at(-1) ?? subject)
    await store.state.put(
      KEY,
      { at: now(), reason: fault.message.replace(` ${DAMAGE_ADVICE}`, ''), copy, kept_runs: keptSubjects, lost_runs, gaps },
      'any',
    )
  }
  return {
    store,
    notices: async () => [...troubleOf(store), ...damageOf((await store.state.get(KEY))?.value)],
    acknowledge: async () => {
      await store.state.remove(KEY)
    },
  }
}

function isBeginning({ events }: { readonly events: readonly { readonly type: string }[] }): boolean {
  const type = events[0]?.type ?? ''
  return type.endsWith('.submitted') || type === TOMBSTONE_TYPE
}

const TITLES = {
  restarting: 'Storing is interrupted',
  failed: 'Nothing can be stored any more',
  refused: 'The last write was refused',
} as const

function troubleOf(store: SqliteContext): readonly StoreNotice[] {
  const trouble = store.trouble()
  if (!trouble) return []
  const works =
    trouble.kind === 'restarting'
      ? 'What was accepted is stored; calls under way go on.'
      : 'Runs, boards and exports can still be read; runs in motion wait, and nothing that was accepted is lost.'
  return [
    {
      id: `store.${trouble.kind}`,
      severity: trouble.kind === 'restarting' ? 'warn' : 'bad',
      title: TITLES[trouble.kind],
      detail: `${trouble.message} ${works}`,
      isOver: false,
    },
  ]
}

function damageOf(value: unknown): readonly StoreNotice[] {
  const known = damage.safeParse(value)
  if (!known.success) return []
  const { reason, copy, kept_runs, lost_runs, gaps } = known.data
  const named = lost_runs.slice(0, IDS_NAMED).join(', ')
  const lost =
    lost_runs.length === 0
      ? ''
      : ` ${lost_runs.length} could not be read whole and are missing: ${named}${lost_runs.length > IDS_NAMED ? ', …' : ''}.`
  const unknown = gaps > 0 ? ' Others may lie in parts of the file that cannot be read at all.' : ''
  return [
    {
      id: 'store.damage',
      severity: 'bad',
      title: 'The log was damaged when it was opened',
      detail: `${kept_runs} runs and batches were taken over into a new file and work as before; they can be exported from their pages.${lost}${unknown} Check the disk, and put back a sound copy if you have one; the damaged file is kept as ${copy}. ${reason}`,
      isOver: true,
    },
  ]
}
