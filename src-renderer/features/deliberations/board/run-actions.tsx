import { useState } from 'react'
import { useLocation } from 'wouter'
import { useCancelWindows, useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { compareRoute, rerunRoute, routes, runRoute } from '../../../lib/routes.ts'
import { saveFile } from '../../../lib/save-file.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { ActionButton } from '../../../ui/action-button.tsx'
import { ActionMenu } from '../../../ui/action-menu.tsx'
import { notify } from '../../../ui/notify.tsx'
import type { Board } from '../shapes.ts'
import { RemoveDialog } from './remove-dialog.tsx'

/** What can be done with a run as a whole: compare, repeat, save, archive, delete. */
export function RunActions({ board }: { board: Board }) {
  const host = useHost()
  const [, navigate] = useLocation()
  const [asking, setAsking] = useState(false)
  const removal = useRemoval(board.row.task_id)
  const { task_id, archived, rerun_of, ended_at } = board.row
  const ended = ended_at === null ? { reason: 'The run has not ended.' } : true
  const save = async (as: 'markdown' | 'json') => {
    const file = await host.deliberation.export({ task_id, format: as })
    saveFile(file)
    notify({ tone: 'good', title: `Saved ${file.file_name}`, body: format.bytes(new Blob([file.text]).size), id: 'export' })
  }
  const archive = async () => {
    await host.deliberation.setArchived({ task_id, archived: !archived })
    notify({
      tone: 'good',
      title: archived ? 'Back in the list' : 'Archived: out of the default list',
      body: board.row.title,
      id: 'archive',
    })
  }
  useActions([
    {
      id: 'deliberation.compare',
      title: 'Compare',
      group: 'Deliberation',
      shortcut: 'v',
      available: true,
      run: () => navigate(compareRoute(task_id, rerun_of ?? board.reruns.at(-1) ?? null)),
    },
    {
      id: 'deliberation.rerun',
      title: 'Re-run with…',
      group: 'Deliberation',
      shortcut: 'shift+r',
      available: true,
      command: true,
      run: () => navigate(rerunRoute(task_id)),
    },
    {
      id: 'deliberation.save-report',
      title: 'Save as Markdown',
      group: 'Deliberation',
      shortcut: 'shift+m',
      available: true,
      run: () => save('markdown'),
    },
    {
      id: 'deliberation.save-json',
      title: 'Save as JSON',
      group: 'Deliberation',
      shortcut: 'shift+j',
      available: true,
      run: () => save('json'),
    },
    {
      id: 'deliberation.archive',
      title: archived ? 'Put back in the list' : 'Archive',
      group: 'Deliberation',
      shortcut: 'shift+a',
      available: ended,
      command: true,
      run: archive,
    },
    {
      id: 'deliberation.remove',
      title: 'Delete run…',
      group: 'Deliberation',
      available: !removal.isWaiting ? ended : { reason: 'It is being deleted.' },
      command: true,
      run: () => setAsking(true),
    },
  ])
  return (
    <>
      <ActionButton id="deliberation.compare" />
      <ActionButton id="deliberation.rerun" />
      <ActionMenu
        label="More"
        ids={['deliberation.save-report', 'deliberation.save-json', 'deliberation.archive', 'deliberation.remove']}
      />
      {asking && <RemoveDialog board={board} onConfirm={removal.begin} onClose={() => setAsking(false)} />}
    </>
  )
}

/** A confirmed deletion in its cancel window. Once it is done the run's page is left, where that is still open. */
function useRemoval(taskId: string) {
  const host = useHost()
  const [, navigate] = useLocation()
  const { waiting, open } = useCancelWindows()
  const id = `deliberation.remove:${taskId}`
  const remove = async () => {
    await host.deliberation.remove({ task_id: taskId })
    notify({ tone: 'good', title: 'Deleted', body: `${taskId}: its id is remembered, nothing else.`, id: 'removed' })
    if (location.pathname.startsWith(runRoute(taskId))) navigate(routes.deliberations)
  }
  return {
    isWaiting: waiting.some((deed) => deed.id === id),
    begin: () => open({ id, title: `Deleting ${taskId}`, act: remove }),
  }
}
