import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useLocation, useSearchParams } from 'wouter'
import type { BatchDetail, BatchEstimate, SubmitBatch } from '../../../../src-preload/contract/batch.ts'
import { useNow } from '../../../lib/clock.ts'
import { useHost } from '../../../lib/console.tsx'
import { askForDesktop } from '../../../lib/desktop-notice.ts'
import { messageOf } from '../../../lib/failure.ts'
import * as format from '../../../lib/format.ts'
import { batchRoute, routes } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { servedModels, useModels } from '../../../lib/use-models.ts'
import { AreaCrumb } from '../../../ui/area-crumb.tsx'
import { ActionButton } from '../../../ui/action-button.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { Page, PageContent, PageHeader } from '../../../ui/page.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { LineErrorsPanel } from '../line-errors-panel.tsx'
import { BatchEstimatePanel } from './estimate-panel.tsx'
import './new-batch-page.css'
import { batchOf, emptyForm, windowHours, type BatchForm, type FileState } from './new-batch-state.ts'
import { BatchSettingsPanel } from './settings-panel.tsx'
import { SourcePanel } from './source-panel.tsx'
import { submitVerdict } from './submit-verdict.ts'
import { useFile } from './use-file.ts'

/** A new batch: the file, every line of it checked, what it will take, and whether it fits its window. */
export function NewBatchPage() {
  const [form, setForm] = useState<BatchForm>(emptyForm)
  const change = (patch: Partial<BatchForm>) => setForm((before) => ({ ...before, ...patch }))
  const { state: file, take, stop, reuse } = useFile(form.endpoint)
  const cloneFault = useClone(change, reuse)
  const batch = batchOf(form, file)
  const { estimate, fault } = useBatchEstimate(batch)
  const now = useNow(5000)
  const models = useModels().value
  const model = file.kind === 'read' ? file.report.model : null
  const served = models === null ? [] : servedModels(models)
  const engines = served.filter(({ reference }) => reference.model === model)
  const submission = useSubmission(batch)
  const verdict = submitVerdict(file, estimate, fault, form, now)
  useActions([
    {
      id: 'batch.submit',
      title:
        file.kind === 'read' && verdict.blocked === null ? `Submit ${format.counted(file.report.requests, 'request')}` : 'Submit',
      group: 'Batch',
      shortcut: 'mod+enter',
      available: verdict.blocked === null ? true : { reason: verdict.blocked },
      command: true,
      run: submission.send,
    },
  ])
  return (
    <Page>
      <PageHeader
        crumb={
          <AreaCrumb to={routes.batches} area="Batches">
            <span className="fg2">New</span>
          </AreaCrumb>
        }
        verdict={verdict.sentence}
        shape={verdict.shape}
        tone={verdict.tone}
        why={<span title={verdict.why}>{verdict.why}</span>}
        actions={<ActionButton id="batch.submit" variant="primary" />}
      />
      {submission.failure !== null && <Banner tone="bad">{submission.failure}</Banner>}
      {cloneFault !== null && <Banner tone="warn">The batch to clone cannot be read: {cloneFault}</Banner>}
      <PageContent>
        <div className="new-batch">
          <div className="stack gap-3">
            <SourcePanel onSource={take} busy={file.kind === 'sending'} />
            <FilePanel file={file} onStop={stop} />
            <BatchSettingsPanel
              form={form}
              change={change}
              fallbackName={file.kind === 'read' ? file.file.filename.replace(/\.\w+$/, '') : 'the name of the file'}
              engines={engines.map(({ reference, engine }) => ({ value: reference.engine_id, label: engine }))}
              others={engines.length > 1 ? served : served.filter(({ reference }) => reference.model !== model)}
            />
          </div>
          <div className="stack gap-3">
            <BatchEstimatePanel estimate={estimate} pending={batch !== null && fault === null} />
            <EffectsPanel form={form} />
          </div>
        </div>
      </PageContent>
    </Page>
  )
}

function FilePanel({ file, onStop }: { file: FileState; onStop: () => void }) {
  switch (file.kind) {
    case 'none':
    case 'failed':
      return null
    case 'sending': {
      const { name, sent, bytes } = file
      const stop = (
        <Button size="sm" onClick={onStop}>
          Stop
        </Button>
      )
      return (
        <Passage
          title={name}
          what={sent < bytes ? 'on its way to the host' : 'being stored'}
          done={sent}
          of={bytes}
          aside={stop}
        />
      )
    }
    case 'reading':
      return (
        <Passage title={file.file.filename} what="every line is being checked" done={file.read} of={file.file.content.size} />
      )
    case 'read':
      return <ReadFile file={file} />
  }
}

interface PassageProps {
  title: string
  what: string
  done: number
  of: number
  aside?: ReactNode
}

function Passage({ title, what, done, of, aside }: PassageProps) {
  const words = `${format.bytes(done)} of ${format.bytes(of)}`
  return (
    <Panel title={title} note={`${what}, ${words}`} aside={aside}>
      <Meter label={words} max={Math.max(1, of)} parts={[{ value: done, tone: 'accent' }]} tall />
    </Panel>
  )
}

function ReadFile({ file: { file, report } }: { file: Extract<FileState, { kind: 'read' }> }) {
  return (
    <>
      {report.error_count > 0 && <LineErrorsPanel errors={report.errors} count={report.error_count} />}
      <Panel
        title={file.filename}
        note={`${format.bytes(report.bytes)}, ${format.counted(report.requests, 'request')}${report.model === null ? '' : ` for ${report.model}`}`}
      >
        {report.preview.length === 0 ? null : (
          <pre className="batch-preview" tabIndex={0} aria-label="First requests">
            {report.preview.join('\n')}
          </pre>
        )}
      </Panel>
    </>
  )
}

function EffectsPanel({ form }: { form: BatchForm }) {
  return (
    <Panel title="What submitting does">
      <ul className="t12 fg2 stack gap-1">
        <li>It waits for a place at the engine; lack of one is never a failure.</li>
        <li>Failed requests are tried again where that may help, then stand in the error file with their cause.</li>
        <li>
          {form.continues
            ? `After ${windowHours(form)} h it counts as missed and goes on.`
            : `After ${windowHours(form)} h it ends: finished requests are kept, the rest goes to the error file.`}
        </li>
        {form.fallbacks.length > 0 && (
          <li>
            Near the deadline, if its own model is away or too slow, rows go to a fallback within the cost ceiling. The page of
            the batch says so, and each answer names its model.
          </li>
        )}
        <li>It can be paused, changed and cancelled at any time; results can be read while it runs.</li>
      </ul>
    </Panel>
  )
}

/** Asks what the batch would take whenever it stands still for a moment. */
function useBatchEstimate(batch: SubmitBatch | null): { estimate: BatchEstimate | null; fault: string | null } {
  const host = useHost()
  // What it is called changes nothing of that: whoever types a name need not wait for it.
  const content = batch === null ? '' : JSON.stringify({ ...batch, name: undefined })
  const [settled] = useDebouncedValue(content, 250)
  const [answer, setAnswer] = useState<{ content: string; estimate: BatchEstimate | null; fault: string | null } | null>(null)
  useEffect(() => {
    if (settled === '') return
    const asking = new AbortController()
    host.batch.estimate({ batch: JSON.parse(settled) as SubmitBatch }, asking.signal).then(
      ({ estimate }) => setAnswer({ content: settled, estimate, fault: null }),
      (fault: unknown) => asking.signal.aborted || setAnswer({ content: settled, estimate: null, fault: messageOf(fault) }),
    )
    return () => asking.abort()
  }, [host, settled])
  return answer?.content === content ? answer : { estimate: null, fault: null }
}

/** Sends the batch once: pressing again after a lost connection repeats the same command, which the host answers once. */
function useSubmission(batch: SubmitBatch | null) {
  const host = useHost()
  const [, navigate] = useLocation()
  const command = useRef<{ id: string; content: string } | null>(null)
  const [failure, setFailure] = useState<{ content: string; message: string } | null>(null)
  const content = batch === null ? '' : JSON.stringify(batch)
  const send = async () => {
    if (batch === null) return
    askForDesktop()
    if (command.current?.content !== content) command.current = { id: crypto.randomUUID(), content }
    try {
      const { batch_id } = await host.batch.submit({ command_id: command.current.id, batch })
      navigate(batchRoute(batch_id))
    } catch (fault) {
      setFailure({ content, message: messageOf(fault) })
    }
  }
  return { send, failure: failure?.content === content ? failure.message : null }
}

/** Fills the form in as it was for the batch that the address names. */
function useClone(change: (patch: Partial<BatchForm>) => void, reuse: ReturnType<typeof useFile>['reuse']): string | null {
  const host = useHost()
  const [params] = useSearchParams()
  const from = params.get('from')
  const [fault, setFault] = useState<string | null>(null)
  const apply = useRef({ change, reuse })
  useEffect(() => {
    if (from === null) return
    const reading = new AbortController()
    const read = async () => {
      for await (const { detail } of host.batch.watch({ batch_id: from }, reading.signal)) {
        reading.abort()
        if (!detail) return
        const { spec, settings } = detail
        const { files } = await host.batch.files({})
        const file = files.find(({ id }) => id === spec.input_file_id)
        apply.current.change({
          name: spec.name,
          endpoint: spec.endpoint,
          hours: Math.round(spec.window_ms / 3_600_000),
          background: spec.completion_window === 'background',
          keptDays: keptDays(spec),
          metadata: Object.entries(spec.metadata)
            .map(([key, value]) => `${key}=${value}`)
            .join('\n'),
          priority: settings.priority_offset,
          concurrency: settings.max_concurrency ?? null,
          adaptive: settings.adaptive_concurrency,
          retries: settings.max_retries,
          costDollars: settings.cost_ceiling_micro_usd === undefined ? null : settings.cost_ceiling_micro_usd / 1_000_000,
          errorPercent: settings.error_ceiling === undefined ? null : settings.error_ceiling * 100,
          continues: settings.on_deadline === 'continue',
          engineId: spec.engine_id,
          fallbacks: settings.fallbacks ?? [],
        })
        if (file) apply.current.reuse(file)
        else setFault('its input file is not kept any more; choose a file.')
        return
      }
    }
    read().catch((cause: unknown) => reading.signal.aborted || setFault(messageOf(cause)))
    return () => reading.abort()
  }, [host, from])
  return fault
}

/** Whole days, at least one; null where the result files go with the batch. */
function keptDays({ output_expires_at, deadline, window_ms }: BatchDetail['spec']): number | null {
  if (output_expires_at === null) return null
  return Math.max(1, Math.round((output_expires_at - (deadline - window_ms)) / 86_400_000))
}
