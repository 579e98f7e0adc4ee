import { useState } from 'react'
import type { RunQuery } from '../../../../src-preload/contract/deliberation.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { isMarked, markedCount, noMarks, withMarked, type Marks } from './marks.ts'
import type { OpenRunList } from './use-run-list.ts'

export interface RunMarks {
  readonly marks: Marks
  readonly count: number
  /** All runs of the list, whether read or not. */
  readonly total: number
  readonly extent: 'none' | 'some' | 'all'
  readonly isMarked: (id: string) => boolean
  readonly mark: (index: number, through: boolean) => void
  readonly toggleAll: () => void
  readonly clear: () => void
}

/** What the operator has marked in a list. */
export function useMarks(runs: OpenRunList, query: RunQuery): RunMarks {
  const [marks, setMarks] = useState<Marks>(noMarks)
  const [last, setLast] = useState(0)
  const total = runs.list.total ?? runs.count
  const count = markedCount(marks)
  const markAll = () => setMarks({ kind: 'query', query, total, without: new Set() })
  const clear = () => setMarks(noMarks)
  useActions([
    {
      id: 'deliberations.mark-all',
      title: 'Mark all that match',
      group: 'Deliberation',
      shortcut: 'mod+a',
      available: total > 0 ? true : { reason: 'No run matches.' },
      run: markAll,
    },
    {
      id: 'deliberations.clear-marks',
      title: 'Clear the marks',
      group: 'Deliberation',
      shortcut: 'shift+esc',
      available: count > 0 ? true : { reason: 'Nothing is marked.' },
      run: clear,
    },
  ])
  return {
    marks,
    count,
    total,
    extent: count === 0 ? 'none' : count >= total ? 'all' : 'some',
    isMarked: (id) => isMarked(marks, id),
    mark: (index, through) => {
      const [from, to] = through ? [Math.min(last, index), Math.max(last, index)] : [index, index]
      const rows = Array.from({ length: to - from + 1 }, (_, step) => runs.rowAt(from + step))
      const ids = rows.flatMap((row) => (row ? [row.task_id] : []))
      const target = runs.rowAt(index)
      if (!target) return
      setMarks(withMarked(marks, ids, through || !isMarked(marks, target.task_id)))
      setLast(index)
    },
    toggleAll: () => (count > 0 ? clear() : markAll()),
    clear,
  }
}
