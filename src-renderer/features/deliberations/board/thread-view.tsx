import { useMemo } from 'react'
import * as format from '../../../lib/format.ts'
import { Chip } from '../../../ui/chip.tsx'
import { InspectorSection } from '../../../ui/page.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import type { Board, Version } from '../shapes.ts'
import { DiffHunks } from './diff-view.tsx'
import { MarkedText } from './marked-text.tsx'
import { ProblemItem } from './problem-item.tsx'
import { revisedInWords } from './reviews.ts'
import { threadOf, unansweredOf, type ThreadPoint, type ThreadStep } from './thread.ts'
import './thread-view.css'
import { WholeText } from './whole-text.tsx'

/** A text from its proposal to its last version: what was criticised, which change answered it, what was left unanswered. */
export function ThreadView({ board, agentId }: { board: Board; agentId: string }) {
  const steps = useMemo(() => threadOf(board, agentId), [board, agentId])
  const unanswered = unansweredOf(steps)
  const last = steps.findLast((step) => step.kind === 'version')
  return (
    <>
      <InspectorSection>
        <p className="t12" role="status">
          {unanswered.length === 0
            ? 'Nothing that was criticised is left unanswered.'
            : `Not answered: ${unanswered.map(({ round, id }) => `${id} of round ${round}`).join(', ')}.`}
        </p>
      </InspectorSection>
      {steps.map((step) =>
        step.kind === 'version' ? (
          <VersionStep
            key={`version-${step.version.round}`}
            taskId={board.spec.task_id}
            version={step.version}
            isLast={step === last}
          />
        ) : (
          <CritiqueStep key={`critique-${step.entry.round}`} step={step} />
        ),
      )}
    </>
  )
}

function VersionStep({ taskId, version, isLast }: { taskId: string; version: Version; isLast: boolean }) {
  const title = version.round === 0 ? 'Proposal' : `Revision ${version.round}`
  return (
    <InspectorSection>
      <SectionTitle note={`${format.clock(version.at, true)}${revisedInWords(version)}${isLast ? ', the last version' : ''}`}>
        {title}
      </SectionTitle>
      <details className="raw-details" open={isLast}>
        <summary>{format.counted(version.content.split('\n').length, 'line')}</summary>
        <MarkedText text={version.content} />
        <WholeText taskId={taskId} reference={version.content_ref} />
      </details>
    </InspectorSection>
  )
}

type Critique = Extract<ThreadStep, { kind: 'critique' }>

const outcomes: Readonly<Record<Critique['change'], string>> = {
  revised: '',
  unchanged: 'The revision left the text as it was.',
  rewritten: 'The revision rewrote the text: next to nothing is left of it to compare.',
  awaited: 'The revision is not there yet.',
  lost: 'No revision came of this round: the text stayed as it was.',
}

function CritiqueStep({ step }: { step: Critique }) {
  const { entry, points, otherHunks, change } = step
  return (
    <InspectorSection>
      <SectionTitle
        note={`by ${entry.critic_id}, ${format.clock(entry.at, true)}`}
      >{`Round ${entry.round}: critique`}</SectionTitle>
      <ul className="problems thread-points">
        {points.map((point) => (
          <Point key={point.state.problem.id} point={point} change={change} />
        ))}
        {points.length === 0 && <li className="fg3">The critic named no problems.</li>}
      </ul>
      {outcomes[change] !== '' && <p className="t12 fg2 thread-outcome">{outcomes[change]}</p>}
      {otherHunks.length > 0 && (
        <details className="raw-details">
          <summary>{`${format.counted(otherHunks.length, 'other change')}, of nothing that was quoted`}</summary>
          <DiffHunks label={`Other changes of round ${entry.round}`} hunks={otherHunks} />
        </details>
      )}
    </InspectorSection>
  )
}

function Point({ point: { state, hunks, isUnanswered }, change }: { point: ThreadPoint; change: Critique['change'] }) {
  const { problem } = state
  const stands = change === 'revised' && hunks.length === 0 && problem.anchor !== null && problem.quote !== ''
  return (
    <ProblemItem state={state} trace={stands ? 'what it quotes stands as it was' : ''}>
      {problem.anchor !== null && problem.quote !== '' && <div className="quoted-source fg2">“{problem.quote}”</div>}
      {isUnanswered && (
        <span>
          <Chip tone="warn">Not answered</Chip>
        </span>
      )}
      {hunks.length > 0 && <DiffHunks label={`What changed for ${problem.id}`} hunks={hunks} />}
    </ProblemItem>
  )
}
