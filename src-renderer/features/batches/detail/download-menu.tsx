import { Menu } from '@mantine/core'
import { useState } from 'react'
import type { BatchCounts, BatchDetail } from '../../../../src-preload/contract/batch.ts'
import { ended } from '../../../lib/batch-words.ts'
import { useHost } from '../../../lib/console.tsx'
import * as format from '../../../lib/format.ts'
import { saveFile } from '../../../lib/save-file.ts'
import { Button } from '../../../ui/button.tsx'
import { notifyFailure } from '../../../ui/notify.tsx'

const kinds = {
  output: { words: 'Output, JSONL', file: 'output.jsonl', media: 'application/jsonl' },
  errors: { words: 'Errors, JSONL', file: 'errors.jsonl', media: 'application/jsonl' },
  joined: { words: 'Input joined with output, JSONL', file: 'joined.jsonl', media: 'application/jsonl' },
  csv: { words: 'Input joined with output, CSV', file: 'joined.csv', media: 'text/csv' },
  manifest: { words: 'Manifest, JSON', file: 'manifest.json', media: 'application/json' },
} as const
type Kind = keyof typeof kinds

interface DownloadMenuProps {
  detail: BatchDetail
  counts: BatchCounts
  /** Each request with its latest outcome, also of the batch's retries. */
  isMerged: boolean
}

/** What is finished, as a file, while it runs too. */
export function DownloadMenu({ detail, counts, isMerged }: DownloadMenuProps) {
  const { batch_id: batchId, name } = detail.row
  const isOver = ended(detail.row)
  const host = useHost()
  const [pending, setPending] = useState(false)
  const done = counts.completed + counts.failed
  const save = async (kind: Kind) => {
    setPending(true)
    try {
      const parts: string[] = []
      for await (const { offset, text } of host.batch.download({ batch_id: batchId, kind, merged: isMerged })) {
        if (offset === 0) parts.length = 0
        parts.push(text)
      }
      const { file, media } = kinds[kind]
      const merged = isMerged && kind !== 'manifest' ? '-merged' : ''
      saveFile({ file_name: `${name.replace(/[^\w.-]+/g, '-')}${merged}-${file}`, text: parts, media_type: media })
    } catch (fault) {
      notifyFailure('The file could not be read', fault)
    } finally {
      setPending(false)
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="sm" icon="download" pending={pending} reason={done === 0 ? 'No request is finished yet.' : undefined}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {format.counted(done, 'finished request')}
          {isMerged && ', merged with its retries'}
        </Menu.Label>
        {(Object.keys(kinds) as Kind[]).map((kind) => (
          <Menu.Item key={kind} disabled={kind === 'manifest' && !isOver} onClick={() => void save(kind)}>
            {kinds[kind].words}
            {kind === 'manifest' && (isOver ? isMerged && ' (of this batch alone)' : ' (once it has ended)')}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
