import { Select } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import { messageOf } from '../../../lib/failure.ts'
import * as format from '../../../lib/format.ts'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { KeyValue } from '../../../ui/key-value.tsx'
import { InspectorSection } from '../../../ui/page.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import { longPhaseLabel } from '../phase-words.ts'
import { callKey, type Board, type BoardCall, type SentPrompt } from '../shapes.ts'
import { CopyText } from './copy-text.tsx'
import './prompt-tab.css'
import { cutInWords, piecesOf, promptAsJson, repairInWords } from './sent-words.ts'

/** What exactly an agent was sent, call by call; read when it is asked for. */
export function PromptTab({ board, agentId }: { board: Board; agentId: string }) {
  const calls = board.calls.filter((call) => call.agent_id === agentId)
  const [chosen, setChosen] = useState<string | null>(null)
  const call = calls.find((each) => callKey(each) === chosen) ?? calls.at(-1)
  if (!call) return null
  return (
    <>
      <div className="inspector-choice">
        <Select
          aria-label="Call"
          data={calls.map((each) => ({ value: callKey(each), label: longPhaseLabel(each.phase, each.round) }))}
          value={callKey(call)}
          allowDeselect={false}
          onChange={setChosen}
        />
      </div>
      <Prompt key={callKey(call)} taskId={board.row.task_id} call={call} />
    </>
  )
}

function Prompt({ taskId, call }: { taskId: string; call: BoardCall }) {
  const host = useHost()
  const [sent, setSent] = useState<SentPrompt | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const { round, phase, agent_id, attempt } = call
  useEffect(() => {
    const asked = new AbortController()
    host.deliberation
      .prompt({ task_id: taskId, round, phase, agent_id, attempt }, asked.signal)
      .then(setSent, (fault: unknown) => {
        if (!asked.signal.aborted) setFailure(messageOf(fault))
      })
    return () => asked.abort()
  }, [host, taskId, round, phase, agent_id, attempt])
  if (failure !== null) {
    return (
      <InspectorSection>
        <EmptyState title="No prompt to show">{failure}</EmptyState>
      </InspectorSection>
    )
  }
  return sent && <Sent sent={sent} repair={repairInWords(call, sent)} />
}

function Sent({ sent, repair }: { sent: SentPrompt; repair: string }) {
  const { item } = sent
  return (
    <>
      <InspectorSection>
        <SectionTitle aside={<CopyText text={promptAsJson(sent)} />}>Call</SectionTitle>
        <KeyValue
          items={[
            ['Model', <span key="model" className="mono">{`${item.model.model} on ${item.model.engine_id}`}</span>],
            ['Temperature', String(item.temperature)],
            ['Answer at most', format.counted(item.max_tokens, 'token')],
            [
              'Seed',
              <span key="seed" className="mono">
                {item.seed}
              </span>,
            ],
            ['Prompts', sent.prompts_version],
            ['Cut to fit the context', cutInWords(sent)],
          ]}
        />
        {repair !== '' && <p className="t12 fg2 call-error">{repair}</p>}
      </InspectorSection>
      {item.messages.map(({ role, content }, at) => (
        <Message key={at} title={speakers[role]} content={content} cut={sent.cut} />
      ))}
      {sent.repair.map(({ role, content }, at) => (
        <Message key={at} title={`Second prompt: ${speakers[role].toLowerCase()}`} content={content} cut={false} />
      ))}
      {item.format && (
        <InspectorSection>
          <SectionTitle note={item.format.name} aside={<CopyText text={schemaOf(item.format)} />}>
            JSON asked for
          </SectionTitle>
          <pre className="raw-output">{schemaOf(item.format)}</pre>
        </InspectorSection>
      )}
    </>
  )
}

const speakers: Readonly<Record<SentPrompt['item']['messages'][number]['role'], string>> = {
  system: 'System',
  user: 'User',
  assistant: 'Assistant',
}

function Message({ title, content, cut }: { title: string; content: string; cut: boolean }) {
  return (
    <InspectorSection>
      <SectionTitle note={format.counted(content.length, 'character')} aside={<CopyText text={content} />}>
        {title}
      </SectionTitle>
      <pre className="raw-output">
        {piecesOf(content, cut).map((piece, nth) =>
          piece.isMark ? (
            <mark key={nth} className="prompt-cut">
              {piece.text}
            </mark>
          ) : (
            piece.text
          ),
        )}
      </pre>
    </InspectorSection>
  )
}

function schemaOf({ schema }: NonNullable<SentPrompt['item']['format']>): string {
  return JSON.stringify(schema, null, 2)
}
