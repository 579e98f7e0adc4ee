import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState, type ReactNode } from 'react'
import type { BatchRow, QueueEffect } from '../../../../src-preload/contract/batch.ts'
import { useNow } from '../../../lib/clock.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { fromLocalInput, toLocalInput } from '../../../lib/local-time.ts'
import { usePoll } from '../../../lib/use-poll.ts'
import { Button } from '../../../ui/button.tsx'
import { Shape } from '../../../ui/icons.tsx'
import { FormDialog } from '../../../ui/form-dialog.tsx'
import './queue-dialogs.css'
import { effectLines, signed } from './queue-words.ts'

interface DialogProps {
  row: BatchRow
  onClose: () => void
}

const ASK_EVERY_MS = 5000
const HOUR = 3_600_000

/** One step up or down by the operator's offset, after saying what that does to it and to the others. */
export function MoveDialog({ row, step, onClose }: DialogProps & { step: 1 | -1 }) {
  const host = useHost()
  const priority_offset = row.priority_offset + step
  return (
    <FormDialog
      title={step === 1 ? 'Move up in the queue' : 'Move down in the queue'}
      confirm={step === 1 ? 'Move it up' : 'Move it down'}
      atHand
      onConfirm={() => host.batch.change({ batch_id: row.batch_id, change: { priority_offset } })}
      onClose={onClose}
    >
      <Subject row={row}>
        priority {signed(priority_offset)} instead of {signed(row.priority_offset)}, within −2 and +2
      </Subject>
      <Effect row={row} change={{ priority_offset }} />
      <p className="t12 fg3">A batch without time to spare goes first by its deadline, whatever the order.</p>
    </FormDialog>
  )
}

/** Starts a batch that has not begun later than it would, or at another time than was set. */
export function StartLaterDialog({ row, onClose }: DialogProps) {
  const host = useHost()
  const now = useNow(5000)
  const [text, setText] = useState(() =>
    toLocalInput(row.not_before !== null && row.not_before > now ? row.not_before : now + HOUR),
  )
  const [settled] = useDebouncedValue(text, 250)
  const at = fromLocalInput(text)
  const asked = fromLocalInput(settled)
  const reason = startFault(at, row, now)
  return (
    <FormDialog
      title="Start later"
      confirm={at === null || reason !== undefined ? 'Start it then' : `Start ${format.moment(at, now)}`}
      reason={reason}
      onConfirm={() => host.batch.change({ batch_id: row.batch_id, change: { not_before: at } })}
      onClose={onClose}
    >
      <Subject row={row}>due {format.moment(row.deadline, now)}</Subject>
      <div className="batch-start">
        <TextInput
          type="datetime-local"
          label="Start not before"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={text !== '' && reason}
          data-autofocus
        />
        {[1, 4, 8].map((hours) => (
          <Button key={hours} size="sm" onClick={() => setText(toLocalInput(now + hours * HOUR))}>
            in {hours} h
          </Button>
        ))}
      </div>
      {asked !== null && startFault(asked, row, now) === undefined && <Effect row={row} change={{ not_before: asked }} />}
      <p className="t12 fg3">Its deadline stays; until it starts it takes no place from others.</p>
    </FormDialog>
  )
}

/** Takes a later start away. */
export function StartNowDialog({ row, onClose }: DialogProps) {
  const host = useHost()
  const now = useNow(5000)
  return (
    <FormDialog
      title="Start now"
      confirm="Start it now"
      atHand
      onConfirm={() => host.batch.change({ batch_id: row.batch_id, change: { not_before: null } })}
      onClose={onClose}
    >
      <Subject row={row}>
        as soon as there is a place, instead of {row.not_before === null ? 'later' : format.moment(row.not_before, now)}
      </Subject>
      <Effect row={row} change={{ not_before: null }} />
    </FormDialog>
  )
}

function startFault(at: number | null, row: BatchRow, now: number): string | undefined {
  if (at === null) return 'Choose a day and a time.'
  if (at <= now) return 'This time has passed; to begin at once take Start now.'
  if (at >= row.deadline) return `It must start before its deadline, ${format.moment(row.deadline, now)}.`
  return undefined
}

function Subject({ row, children }: { row: BatchRow; children: ReactNode }) {
  return (
    <p className="t12">
      <span className="med">{row.name}</span> <span className="fg2">{children}</span>
    </p>
  )
}

/** Asked again while it is open: the queue moves. */
function Effect({ row, change }: { row: BatchRow; change: { priority_offset?: number; not_before?: number | null } }) {
  const host = useHost()
  const now = useNow(5000)
  const { value, error } = usePoll<{ effect: QueueEffect }>(
    `queue effect ${row.batch_id} ${JSON.stringify(change)}`,
    (signal) => host.batch.queueEffect({ batch_id: row.batch_id, change }, signal),
    ASK_EVERY_MS,
  )
  if (error !== null)
    return (
      <p className="row top t12" role="alert">
        <Shape name="warn" /> {error.message}
      </p>
    )
  return (
    <ul className="t12 fg2 stack gap-1" aria-live="polite" aria-busy={value === null}>
      {value === null && <li>Asking what this does to the queue…</li>}
      {value !== null &&
        effectLines(row, value.effect, now).map(({ words, isLate }) => (
          <li key={words} className={isLate ? 'bad' : undefined}>
            {words}
          </li>
        ))}
    </ul>
  )
}
