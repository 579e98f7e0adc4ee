import * as format from '../../../lib/format.ts'
import { InspectorSection } from '../../../ui/page.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import { callKey, type Board } from '../shapes.ts'
import { longPhaseLabel } from '../phase-words.ts'
import { CopyText } from './copy-text.tsx'

/** What the model thought before it answered: kept apart, never part of a text. */
export function ReasoningTab({ board, agentId }: { board: Board; agentId: string }) {
  const calls = board.calls.filter((call) => call.agent_id === agentId && call.reasoning !== null)
  return calls.map((call) => (
    <InspectorSection key={callKey(call)}>
      <SectionTitle
        note={format.counted(call.reasoning?.length ?? 0, 'character')}
        aside={<CopyText text={call.reasoning ?? ''} />}
      >
        {longPhaseLabel(call.phase, call.round)}
      </SectionTitle>
      <pre className="raw-output">{call.reasoning}</pre>
    </InspectorSection>
  ))
}
