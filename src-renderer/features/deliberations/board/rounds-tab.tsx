import { useMemo, useState } from 'react'
import * as format from '../../../lib/format.ts'
import { CopyText } from './copy-text.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { InspectorSection } from '../../../ui/page.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import type { Board } from '../shapes.ts'
import { MarkedText } from './marked-text.tsx'
import { placeQuotes } from './quotes.ts'
import { critiquesOf, revisedInWords, versionsOf } from './reviews.ts'
import { WholeText } from './whole-text.tsx'

/** Every version of an agent's text, whole. */
export function RoundsTab({ board, agentId }: { board: Board; agentId: string }) {
  const versions = versionsOf(board, agentId)
  const [chosen, setChosen] = useState<number | null>(null)
  const version = versions.find((candidate) => candidate.round === chosen) ?? versions.at(-1)
  const entry = critiquesOf(board, agentId).find((candidate) => candidate.version === version?.round)
  const revision = versions.find((candidate) => candidate.round === entry?.round)
  const quotes = useMemo(
    () => (version && entry ? placeQuotes(version.content, entry.critique.problems, revision?.answers ?? [], true) : []),
    [version, entry, revision],
  )
  if (!version) {
    return (
      <InspectorSection>
        <EmptyState title="No finished text">Each version is kept here whole as soon as it is finished.</EmptyState>
      </InspectorSection>
    )
  }
  const length = version.content_ref
    ? format.bytes(version.content_ref.size)
    : format.counted(version.content.split(/\s+/).filter(Boolean).length, 'word')
  return (
    <>
      <div className="inspector-choice">
        <Segmented
          label="Version"
          value={String(version.round)}
          options={versions.map(({ round }) => ({ value: String(round), label: round === 0 ? 'Proposal' : `Revision ${round}` }))}
          onChange={(round) => setChosen(Number(round))}
        />
      </div>
      <InspectorSection>
        <SectionTitle
          note={`${format.clock(version.at, true)}, ${length}${revisedInWords(version)}${entry ? `, criticised by ${entry.critic_id}` : ''}`}
          aside={!version.content_ref && <CopyText text={version.content} />}
        >
          {version.round === 0 ? 'Proposal' : `Revision ${version.round}`}
        </SectionTitle>
        <MarkedText text={version.content} quotes={quotes} />
        <WholeText taskId={board.spec.task_id} reference={version.content_ref} />
      </InspectorSection>
    </>
  )
}
