import { useState } from 'react'
import type { DeadLetter } from '../../../src-preload/contract/system.ts'
import { useHost } from '../../lib/console.tsx'
import { counted } from '../../lib/format.ts'
import { runRoute } from '../../lib/routes.ts'
import { useStream } from '../../lib/use-stream.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { KeyValue } from '../../ui/key-value.tsx'
import { notify, notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Ago } from '../../ui/quantities.tsx'
import { RouteLink } from '../../ui/route-link.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

interface Letters {
  readonly total: number
  readonly letters: readonly DeadLetter[]
}

/** Messages that were handed out in vain and set aside: what they are, why, and what can be done. */
export function DeadLettersPanel() {
  const host = useHost()
  const { value, error, state } = useStream('dead-letters', {
    open: (signal) => host.system.watchDeadLetters({}, signal),
    fold: (_: Letters | null, next) => next,
  })
  const { total = 0, letters = [] } = value ?? {}
  return (
    <Panel
      title="Dead letters"
      note={
        letters.length < total
          ? `newest ${letters.length} of ${total}`
          : 'work and answers that could not be handled and were set aside; nothing else waits for them'
      }
      aside={total > 0 ? <Chip tone="warn">{counted(total, 'message')}</Chip> : undefined}
      flush={total > 0}
    >
      {total > 0 ? (
        <DataTable
          label="Dead letters"
          tall
          stale={state !== 'live'}
          columns={columns}
          rows={letters}
          rowKey={({ queue, id }) => `${queue}.${id}`}
        />
      ) : (
        <EmptyState title={value !== null ? 'None' : error === null ? 'They have not arrived yet' : 'They could not be read'}>
          {error?.message ?? 'A message that fails again and again is set aside here with the reason, instead of being lost.'}
        </EmptyState>
      )}
    </Panel>
  )
}

const columns: readonly Column<DeadLetter>[] = [
  {
    id: 'message',
    header: 'Message',
    width: '32%',
    cell: (letter) => (
      <span className="stack">
        <span className="row">
          <span className="med nowrap">{kindOf(letter)}</span>
          {letter.kind === 'unreadable' ? (
            <span className="fg3 cut">that cannot be read</span>
          ) : letter.run_title === null ? (
            <span className="mono t12 fg3 cut">{letter.task_id}</span>
          ) : (
            <RouteLink to={runRoute(letter.task_id)} className="link cut">
              {letter.run_title}
            </RouteLink>
          )}
        </span>
        {letter.kind === 'unreadable' ? (
          <span className="mono t11 fg3 cut" title={letter.text}>
            {letter.text === '' ? letter.id : letter.text}
          </span>
        ) : (
          <span className="t11 fg3 cut">
            {callOf(letter)}, <span className="mono">{letter.agent_id}</span>
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'reason',
    header: 'Why it was set aside',
    cell: (letter) => {
      const below = letter.kind === 'unreadable' ? letter.fault : letter.effect_words
      return (
        <span className="stack">
          <span className="cut" title={letter.reason}>
            {letter.reason}
          </span>
          <span className="t11 fg3 cut" title={below}>
            {below}
          </span>
        </span>
      )
    },
  },
  {
    id: 'deliveries',
    header: 'Handed out',
    width: '84px',
    num: true,
    cell: ({ deliveries }) => (
      <>
        {deliveries} <span className="unit">×</span>
      </>
    ),
  },
  { id: 'at', header: 'When', width: '84px', num: true, wide: true, cell: ({ at }) => <Ago at={at} /> },
  {
    id: 'actions',
    header: <span className="sr">Actions</span>,
    width: '178px',
    num: true,
    cell: (letter) => <LetterActions letter={letter} />,
  },
]

function LetterActions({ letter }: { letter: DeadLetter }) {
  const host = useHost()
  const [removing, setRemoving] = useState(false)
  const [pending, setPending] = useState(false)
  const address = { queue: letter.queue, id: letter.id }
  const replay = async () => {
    setPending(true)
    try {
      const { words } = await host.system.replayDeadLetter(address)
      notify({ tone: 'good', title: 'Handed out again', body: words })
    } catch (fault) {
      notifyFailure('The message was not replayed', fault)
    }
    setPending(false)
  }
  const remove = async () => {
    await host.system.removeDeadLetter(address)
    notify({ tone: 'good', title: 'Dead letter removed' })
  }
  return (
    <span className="row">
      <Button
        command
        size="sm"
        icon="retry"
        pending={pending}
        reason={letter.effect === 'none' ? letter.effect_words : undefined}
        onClick={() => void replay()}
      >
        Replay
      </Button>
      <Button command size="sm" onClick={() => setRemoving(true)}>
        Remove…
      </Button>
      {removing && (
        <FormDialog
          title="Remove this dead letter?"
          confirm="Remove it for good"
          danger
          onConfirm={remove}
          onClose={() => setRemoving(false)}
        >
          <KeyValue rules items={factsOf(letter)} />
        </FormDialog>
      )}
    </span>
  )
}

const kindOf = ({ queue }: DeadLetter) => (queue === 'work' ? 'Work' : 'Answer')

function factsOf(letter: DeadLetter): [string, string][] {
  const message: [string, string] = ['Message', `${kindOf(letter)}, ${letter.id}`]
  if (letter.kind === 'unreadable')
    return [message, ['Its text begins', letter.text === '' ? 'is lost' : letter.text], ['What is wrong with it', letter.fault]]
  return [
    message,
    ['Run', letter.run_title ?? `${letter.task_id}, not there any more`],
    ['Call', `${callOf(letter)} by ${letter.agent_id}`],
    ['Its content', letter.queue === 'answers' ? 'is deleted, with the text of the answer' : 'is deleted'],
    ['What replaying it would do', letter.effect_words],
  ]
}

function callOf({ phase, round }: Extract<DeadLetter, { kind: 'call' }>): string {
  return phase === 'critique' || phase === 'revise' ? `round ${round}: ${phase}` : phase
}
