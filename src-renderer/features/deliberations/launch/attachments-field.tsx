import { useRef, useState, type ReactNode } from 'react'
import * as format from '../../../lib/format.ts'
import { Button } from '../../../ui/button.tsx'
import { Icon } from '../../../ui/icons.tsx'
import { bytesOf, takeFiles } from './attachment-files.ts'
import './attachments-field.css'
import type { Draft } from './draft.ts'

interface AttachmentsFieldProps {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  /** Why the host refused the files. */
  error: string | undefined
  children: ReactNode
}

/** Takes files by its button, and files dropped anywhere on what it is laid around. */
export function AttachmentsField({ draft, change, error, children }: AttachmentsFieldProps) {
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [faults, setFaults] = useState<readonly string[]>([])
  const add = async (files: readonly File[]) => {
    const taken = await takeFiles(draft.attachments, files)
    setFaults(taken.faults)
    change({ attachments: taken.attachments })
  }
  return (
    <div
      className={over ? 'attachments over' : 'attachments'}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={(event) => {
        if (event.dataTransfer.files.length === 0) return
        event.preventDefault()
        setOver(false)
        void add([...event.dataTransfer.files])
      }}
    >
      {children}
      <div className="row wrap attached-files">
        <Button variant="quiet" size="sm" icon="file" onClick={() => picker.current?.click()}>
          Add files
        </Button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files for the agents"
          onChange={(event) => {
            void add([...(event.currentTarget.files ?? [])])
            event.currentTarget.value = ''
          }}
        />
        {draft.attachments.length === 0 && (
          <span className="t12 fg3">or drop them here: text for the agents to work with, cut to fit their context</span>
        )}
        <ul className="row wrap" aria-label="Files">
          {draft.attachments.map((attachment) => (
            <li key={attachment.name} className="attached-file">
              <Icon name="file" />
              <span className="t12 cut" title={attachment.name}>
                {attachment.name}
              </span>
              <span className="t12 fg3 nowrap">{format.bytes(bytesOf(attachment.content))}</span>
              <Button
                variant="quiet"
                size="sm"
                icon="close"
                label={`Remove ${attachment.name}`}
                onClick={() => change({ attachments: draft.attachments.filter((other) => other !== attachment) })}
              />
            </li>
          ))}
        </ul>
      </div>
      {[...faults, ...(error === undefined ? [] : [error])].map((fault) => (
        <p key={fault} role="alert" className="mantine-InputWrapper-error">
          {fault}
        </p>
      ))}
    </div>
  )
}
