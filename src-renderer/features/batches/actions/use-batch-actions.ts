import { useLocation } from 'wouter'
import type { BatchRow } from '../../../../src-preload/contract/batch.ts'
import { ended } from '../../../lib/batch-words.ts'
import { useHost } from '../../../lib/console.tsx'
import { cloneBatchRoute } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'

/** What is asked about before it is done. */
export type BatchDialog = 'up' | 'down' | 'start' | 'start-now' | 'pause' | 'cancel' | 'remove'

type Available = true | { readonly reason: string }

/** The actions of a batch in the order of menus. */
export const batchActionIds = [
  'batch.up',
  'batch.down',
  'batch.start',
  'batch.start-now',
  'batch.pause',
  'batch.clone',
  'batch.cancel',
  'batch.remove',
] as const

/** Offers what can be done with a batch; with none (null) everything is off and says how to choose one. */
export function useBatchActions(row: BatchRow | null, now: number, show: (dialog: BatchDialog) => void): void {
  const host = useHost()
  const [, navigate] = useLocation()
  const may = row === null ? null : availability(row, now)
  const action = (id: BatchDialog | 'clone', title: string, shortcut: string, run: () => void | Promise<void>) => ({
    id: `batch.${id}`,
    title,
    about: row?.name,
    group: 'Batch',
    shortcut,
    available:
      may === null
        ? { reason: 'Choose a batch first: click its row’s menu, or move to it with Tab and the arrow keys.' }
        : may[id],
    command: true as const,
    run,
  })
  const dialog = (id: BatchDialog, title: string, shortcut = '') => action(id, title, shortcut, () => show(id))
  const isPaused = row?.status === 'paused'
  useActions([
    dialog('up', 'Move up in the queue…', 'alt+up'),
    dialog('down', 'Move down in the queue…', 'alt+down'),
    dialog('start', row?.not_before != null && row.not_before > now ? 'Change its start…' : 'Start later…', 's'),
    dialog('start-now', 'Start now…', 'shift+s'),
    isPaused
      ? action('pause', 'Resume', 'p', async () => {
          await host.batch.resume({ batch_id: row.batch_id })
        })
      : dialog('pause', 'Pause…', 'p'),
    action('clone', 'Clone…', 'c', () => {
      if (row !== null) navigate(cloneBatchRoute(row.batch_id))
    }),
    dialog('cancel', 'Cancel batch…', 'x'),
    dialog('remove', 'Delete…', 'shift+delete'),
  ])
}

const HIGHEST_OFFSET = 2

/** What is allowed now, each with the reason where it is not. */
export function availability(row: BatchRow, now: number): Readonly<Record<BatchDialog | 'clone', Available>> {
  const off = (reason: string): Available => ({ reason })
  const settled = fixed(row)
  const { priority_offset: offset, not_before: start, status } = row
  const isLater = start !== null && start > now
  const startable = settled ?? (row.started_at === null ? true : off('It has begun already; pause it instead.'))
  const pausable = status === 'queued' || status === 'in_progress' || status === 'paused'
  return {
    up: settled ?? (offset < HIGHEST_OFFSET ? true : off('It is as far up as it goes (+2).')),
    down: settled ?? (offset > -HIGHEST_OFFSET ? true : off('It is as far down as it goes (−2).')),
    start: startable,
    'start-now': startable !== true || isLater ? startable : off('It is set to no later start.'),
    pause: settled ?? (pausable ? true : off('Its file is still being read; set a later start instead.')),
    clone: true,
    cancel: settled ?? true,
    remove: ended(row) ? true : off('Cancel it first.'),
  }
}

/** Why nothing of it changes any more. */
function fixed(row: BatchRow): Available | undefined {
  if (ended(row)) return { reason: 'It has ended.' }
  if (row.status === 'cancelling') return { reason: 'It is being cancelled.' }
  if (row.status === 'finalizing')
    return { reason: 'All requests are answered; the files are being written, which cannot be stopped.' }
  return undefined
}
