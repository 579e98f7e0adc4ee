import { useMemo, useState } from 'react'
import * as format from '../../../lib/format.ts'
import { InspectorSection } from '../../../ui/page.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FindingList } from '../../../ui/finding-list.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import { Segmented } from '../../../ui/segmented.tsx'
import type { Board, Check, ReviewEntry, Version } from '../shapes.ts'
import { checkParts } from './check-findings.ts'
import { CheckShape } from './standing-cells.tsx'
import { DiffView } from './diff-view.tsx'
import { excerptOf } from './excerpt.ts'
import { MarkedText } from './marked-text.tsx'
import { traceInWords } from './lineage.ts'
import { ProblemItem } from './problem-item.tsx'
import { problemLinks } from './problem-links.ts'
import { placeQuotes } from './quotes.ts'
import { critiqueScore, critiquesOf, problemStates, revisionMayCome, versionsOf } from './reviews.ts'
import { diffTexts } from './revision-diff.ts'
import { ScoreParts } from './score-parts.tsx'
import type { Standing } from './standings.ts'
import { ThreadView } from './thread-view.tsx'

/** What was criticised in an agent's text, what its author answered, and what that changed. */
export function ReviewTab({ board, standing }: { board: Board; standing: Standing }) {
  const agentId = standing.agentId
  const entries = critiquesOf(board, agentId)
  const [chosen, setChosen] = useState<number | 'all' | null>(null)
  const entry = entries.find((candidate) => candidate.round === chosen) ?? entries.at(-1)
  return (
    <>
      {entry && (
        <div className="inspector-choice">
          <Segmented
            label="Round"
            value={chosen === 'all' ? chosen : String(entry.round)}
            options={[
              { value: 'all', label: 'From the first text' },
              ...entries.map(({ round }) => ({ value: String(round), label: `Round ${round}` })),
            ]}
            onChange={(round) => setChosen(round === 'all' ? round : Number(round))}
          />
        </div>
      )}
      {chosen === 'all' ? (
        <ThreadView board={board} agentId={agentId} />
      ) : entry ? (
        <Review board={board} entry={entry} />
      ) : (
        <NoReview board={board} />
      )}
      <ChecksSection standing={standing} />
      <ScoreSection board={board} standing={standing} />
    </>
  )
}

function Review({ board, entry }: { board: Board; entry: ReviewEntry }) {
  const versions = versionsOf(board, entry.target_id)
  const read = versions.find((version) => version.round === entry.version)
  const revision = versions.find((version) => version.round === entry.round && version.round > 0)
  const states = problemStates(entry, revision, revisionMayCome(board, entry.target_id, entry.round))
  const score = critiqueScore(entry, board.spec.rubric)
  const quotes = useMemo(
    () => (read ? placeQuotes(read.content, entry.critique.problems, revision?.answers ?? [], true) : []),
    [read, entry, revision],
  )
  const diff = useMemo(() => (read && revision ? diffTexts(read.content, revision.content) : null), [read, revision])
  const excerpt = useMemo(() => (read ? excerptOf(read.content, quotes) : null), [read, quotes])
  return (
    <div {...problemLinks}>
      <InspectorSection>
        <SectionTitle
          note={`by ${entry.critic_id} on ${nameOf(read)}, ${format.clock(entry.at, true)}`}
          aside={score === null ? undefined : format.score(score)}
        >
          Critique
        </SectionTitle>
        {excerpt && excerpt.text !== '' && (
          <div className="quoted-source">
            <MarkedText text={excerpt.text} quotes={excerpt.quotes} />
          </div>
        )}
        <ul className="problems">
          {states.map((state) => (
            <ProblemItem key={state.problem.id} state={state} trace={traceInWords(state, diff, quotes)} />
          ))}
          {states.length === 0 && <li className="fg3">The critic named no problems.</li>}
        </ul>
        <CriticMarks entry={entry} />
      </InspectorSection>
      {read && revision && (
        <InspectorSection>
          <DiffView before={read} after={revision} quotes={quotes} />
        </InspectorSection>
      )}
    </div>
  )
}

function nameOf(version: Version | undefined): string {
  return version === undefined || version.round === 0 ? 'the proposal' : `revision ${version.round}`
}

function CriticMarks({ entry }: { entry: ReviewEntry }) {
  return (
    <>
      {entry.critique.strengths.length > 0 && (
        <div className="strengths">
          <b className="med">Strengths.</b> {entry.critique.strengths.join(' ')}
        </div>
      )}
      <dl className="critic-marks">
        {entry.critique.criteria.map((criterion) => (
          <div key={criterion.name}>
            <dt>{criterion.name}</dt>
            <dd>
              <Meter label={`${criterion.name} ${format.score(criterion.score)}`} parts={[{ value: criterion.score }]} max={1} />
              <span className="num">{format.score(criterion.score)}</span>
              {criterion.comment !== '' && <p className="fg2">{criterion.comment}</p>}
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function NoReview({ board }: { board: Board }) {
  const why =
    board.spec.rounds === 0 || !board.spec.peer_review
      ? 'The run was launched without rounds of critique.'
      : board.row.ended_at === null
        ? 'A peer’s critique of this text, its quotes and what the author answers will be here.'
        : 'No usable critique of this text came before the run ended.'
  return (
    <InspectorSection>
      <EmptyState title="No critique">{why}</EmptyState>
    </InspectorSection>
  )
}

function ChecksSection({ standing }: { standing: Standing }) {
  if (standing.checks.length === 0) return null
  return (
    <InspectorSection>
      <SectionTitle aside={standing.checksScore === null ? undefined : format.score(standing.checksScore)}>Checks</SectionTitle>
      <ul className="check-list">
        {standing.checks.map((check) => (
          <li key={check.check}>
            <CheckShape check={check} />
            <span>{check.check}</span>
            <span className="fg2">
              {check.status}
              {check.warnings > 0 ? `, ${format.counted(check.warnings, 'warning')}` : ''}
              {check.message === '' ? '' : `: ${check.message}`}
            </span>
            <CheckDetails check={check} />
          </li>
        ))}
      </ul>
    </InspectorSection>
  )
}

function CheckDetails({ check }: { check: Check }) {
  const { findings, notes } = checkParts(check)
  if (findings.length === 0 && notes.length === 0) return null
  return (
    <div className="check-details">
      {findings.length > 0 && <FindingList label={`What ${check.check} found`} findings={findings} />}
      {notes.map((note) => (
        <p key={note} className="fg3">
          {note}
        </p>
      ))}
    </div>
  )
}

function ScoreSection({ board, standing }: { board: Board; standing: Standing }) {
  if (standing.score === null) return null
  return (
    <InspectorSection>
      <ScoreParts standing={standing} rubricWeight={board.spec.rubric_weight} />
    </InspectorSection>
  )
}
