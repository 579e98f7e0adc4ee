import * as format from '../../../lib/format.ts'
import { InspectorSection } from '../../../ui/page.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import { callKey, type Board } from '../shapes.ts'
import { longPhaseLabel } from '../phase-words.ts'
import { CopyText } from './copy-text.tsx'
import { WholeText } from './whole-text.tsx'

/** What the model thought before it answered: kept apart, never part of a text. */
export function ReasoningTab({ board, agentId }: { board: Board; agentId: string }) {
  const calls = board.calls.filter((call) => call.agent_id === agentId && call.reasoning !== null)
  return calls.map((call) => (
    <InspectorSection key={callKey(call)}>
      <SectionTitle
        note={
          call.reasoning_ref ? format.bytes(call.reasoning_ref.size) : format.counted(call.reasoning?.length ?? 0, 'character')
        }
        aside={!call.reasoning_ref && <CopyText text={call.reasoning ?? ''} />}
      >
        {longPhaseLabel(call.phase, call.round)}
      </SectionTitle>
      <pre className="raw-output">{call.reasoning}</pre>
      <WholeText taskId={board.spec.task_id} reference={call.reasoning_ref} />
    </InspectorSection>
  ))
}
