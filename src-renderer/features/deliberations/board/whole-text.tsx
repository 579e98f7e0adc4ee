import { useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'
import * as format from '../../../lib/format.ts'
import { Button } from '../../../ui/button.tsx'

interface WholeTextProps {
  taskId: string
  /** Where the whole is; undefined where the text above is whole. */
  reference: { sha256: string; size: number } | undefined
}

/** Below the beginning of a text that is too large for the board: says so, and reads the whole piece by piece. */
export function WholeText({ taskId, reference }: WholeTextProps) {
  return reference ? <Pieces key={reference.sha256} taskId={taskId} {...reference} /> : null
}

function Pieces({ taskId, sha256, size }: { taskId: string; sha256: string; size: number }) {
  const host = useHost()
  const [read, setRead] = useState<{ text: string; next: number | null }>({ text: '', next: 0 })
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const readOn = async (offset: number): Promise<void> => {
    setPending(true)
    setFailure(null)
    try {
      const piece = await host.deliberation.text({ task_id: taskId, sha256, offset })
      setRead(({ text }) => ({ text: text + piece.text, next: piece.next }))
    } catch (fault) {
      setFailure(messageOf(fault))
    } finally {
      setPending(false)
    }
  }
  const { text, next } = read
  return (
    <div className="stack">
      {text !== '' && <pre className="raw-output">{text}</pre>}
      {next !== null && (
        <p className="t12">
          {text === '' ? 'Only the beginning: the whole text has ' : `Read so far: ${format.bytes(next)} of `}
          {format.bytes(size)}.{' '}
          <Button size="sm" pending={pending} onClick={() => void readOn(next)}>
            {text === '' ? 'Read the whole text' : 'Read on'}
          </Button>
        </p>
      )}
      {failure !== null && (
        <p className="t12 bad" role="alert">
          {failure}
        </p>
      )}
    </div>
  )
}
