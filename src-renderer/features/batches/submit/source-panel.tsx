import { NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useId, useMemo, useRef, useState } from 'react'
import * as format from '../../../lib/format.ts'
import { servedModels, useModels } from '../../../lib/use-models.ts'
import { Button } from '../../../ui/button.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import { readCsv, requestLines, templateFault } from './csv-requests.ts'

/** Requests that are ready to be sent to the host. */
export interface Source {
  readonly name: string
  readonly content: Blob
}

type Kind = 'file' | 'paste' | 'csv'

/** Where the requests come from: a file, pasted lines, or a table with a prompt template. */
export function SourcePanel({ onSource, busy }: { onSource: (source: Source) => void; busy: boolean }) {
  const [kind, setKind] = useState<Kind>('file')
  return (
    <Panel
      title="Requests"
      note="one JSON object a line, as the OpenAI Batch API takes them"
      aside={
        <Segmented
          label="Where they come from"
          value={kind}
          options={[
            { value: 'file', label: 'File' },
            { value: 'paste', label: 'Paste' },
            { value: 'csv', label: 'Table and template' },
          ]}
          onChange={setKind}
        />
      }
    >
      {kind === 'file' && <FileSource onSource={onSource} busy={busy} />}
      {kind === 'paste' && <PasteSource onSource={onSource} busy={busy} />}
      {kind === 'csv' && <CsvSource onSource={onSource} busy={busy} />}
    </Panel>
  )
}

interface SourceProps {
  onSource: (source: Source) => void
  busy: boolean
}

const busyReason = 'The file before is still on its way.'

function FileSource({ onSource, busy }: SourceProps) {
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const take = (file: File | undefined) => file && onSource({ name: file.name, content: file })
  return (
    <div
      className={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer.files[0])
      }}
    >
      <Button icon="file" reason={busy ? busyReason : undefined} onClick={() => picker.current?.click()}>
        Choose a file
      </Button>
      <span className="t12 fg3">or drop a .jsonl here: up to 50,000 requests and 200 MB, one endpoint and one model</span>
      <input
        ref={picker}
        type="file"
        hidden
        aria-label="File of requests"
        accept=".jsonl,.ndjson,.json,.txt"
        onChange={(event) => {
          take(event.currentTarget.files?.[0])
          event.currentTarget.value = ''
        }}
      />
    </div>
  )
}

function PasteSource({ onSource, busy }: SourceProps) {
  const [text, setText] = useState('')
  const lines = text.split('\n').filter((line) => line.trim() !== '').length
  return (
    <div className="stack gap-2">
      <Textarea
        aria-label="Lines of requests"
        placeholder={
          '{"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "…", "messages": […]}}'
        }
        autosize
        minRows={6}
        maxRows={16}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="row">
        <Button
          reason={busy ? busyReason : lines === 0 ? 'There is no line yet.' : undefined}
          onClick={() => onSource({ name: 'pasted.jsonl', content: new Blob([text]) })}
        >
          Read {format.counted(lines, 'line')}
        </Button>
      </div>
    </div>
  )
}

function CsvSource({ onSource, busy }: SourceProps) {
  const [csv, setCsv] = useState('')
  const [file, setFile] = useState('table.csv')
  const [system, setSystem] = useState('')
  const [prompt, setPrompt] = useState('')
  const [idColumn, setIdColumn] = useState<string | null>(null)
  const [maxTokens, setMaxTokens] = useState<number | ''>('')
  const [chosen, setChosen] = useState<string | null>(null)
  const picker = useRef<HTMLInputElement>(null)
  const helpId = useId()
  const models = useModels().value
  const served = models === null ? [] : [...new Set(servedModels(models).map(({ reference }) => reference.model))]
  const model = chosen ?? served[0] ?? null
  const read = useMemo(() => (csv.trim() === '' ? null : readCsv(csv)), [csv])
  const table = read?.kind === 'table' ? read.table : null
  const template = {
    model: model ?? '',
    system,
    prompt,
    idColumn,
    maxTokens: maxTokens === '' ? null : maxTokens,
    temperature: null,
  }
  const fault =
    model === null
      ? 'No model is served; add one on the Models page.'
      : table === null
        ? 'There is no table yet.'
        : templateFault(template, table)
  const [example] = table && fault === null ? requestLines(template, { ...table, rows: table.rows.slice(0, 1) }) : []
  return (
    <div className="stack gap-2">
      <div className="row">
        <Button icon="file" size="sm" onClick={() => picker.current?.click()}>
          Choose a CSV file
        </Button>
        <span className="t12 fg3">or paste it; the first row names the columns</span>
        <input
          ref={picker}
          type="file"
          hidden
          aria-label="CSV file"
          accept=".csv,.tsv,.txt"
          onChange={(event) => {
            const [picked] = event.currentTarget.files ?? []
            event.currentTarget.value = ''
            if (!picked) return
            setFile(picked.name)
            void picked.text().then(setCsv)
          }}
        />
      </div>
      <Textarea
        aria-label="Table"
        placeholder={'id,text\n1,"First text"\n2,"Second text"'}
        autosize
        minRows={3}
        maxRows={8}
        value={csv}
        onChange={(event) => setCsv(event.currentTarget.value)}
        error={read?.kind === 'fault' ? read.message : undefined}
      />
      <div className="batch-fields">
        <Select label="Model" data={served} value={model} onChange={setChosen} placeholder="no model" allowDeselect={false} />
        <Select
          label="Column of the custom_id"
          data={[...(table?.columns ?? [])]}
          value={idColumn}
          onChange={setIdColumn}
          placeholder="number the rows"
          clearable
        />
        <NumberInput
          label="Tokens of an answer, at most"
          placeholder="the model's limit"
          min={1}
          value={maxTokens}
          onChange={(value) => setMaxTokens(typeof value === 'number' ? value : '')}
        />
      </div>
      <TextInput
        label="System message"
        placeholder="none"
        value={system}
        onChange={(event) => setSystem(event.currentTarget.value)}
      />
      <Textarea
        label="Prompt"
        aria-describedby={helpId}
        placeholder="Summarise this contract in two sentences: {{text}}"
        autosize
        minRows={2}
        maxRows={8}
        value={prompt}
        onChange={(event) => setPrompt(event.currentTarget.value)}
      />
      <p id={helpId} className="t12 fg3">
        {'{{column}}'} stands for the value of a row{table === null ? '' : `; columns: ${table.columns.join(', ')}`}.
      </p>
      {example !== undefined && (
        <pre className="batch-preview" tabIndex={0} aria-label="First request">
          {example}
        </pre>
      )}
      <div className="row">
        <Button
          reason={busy ? busyReason : (fault ?? undefined)}
          onClick={() =>
            table && onSource({ name: file.replace(/\.\w+$/, '.jsonl'), content: new Blob([...requestLines(template, table)]) })
          }
        >
          Make {format.counted(table?.rows.length ?? 0, 'request')}
        </Button>
      </div>
    </div>
  )
}
