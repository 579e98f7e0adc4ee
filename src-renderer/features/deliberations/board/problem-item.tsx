import type { ReactNode } from 'react'
import { Shape } from '../../../ui/icons.tsx'
import { capitalised } from '../phase-words.ts'
import { ProblemButton } from './critique-list.tsx'
import type { ProblemState } from './reviews.ts'

interface ProblemItemProps {
  state: ProblemState
  /** What the text itself says of it; empty where that is nothing. */
  trace: string
  children?: ReactNode
}

/** One problem that a critic named, and what became of it. */
export function ProblemItem({ state, trace, children }: ProblemItemProps) {
  const { problem } = state
  return (
    <li data-problem={problem.id}>
      <ProblemButton state={state} />
      <div>
        <b className="med">{problem.severity === 'major' ? 'Major.' : 'Minor.'}</b> {problem.text}
        {problem.anchor === null && problem.quote !== '' && (
          <span className="unanchored">Quotes “{problem.quote}”, which the text does not contain.</span>
        )}
        <ProblemStatus state={state} />
        {trace !== '' && <span className="problem-status fg3">{capitalised(trace)}</span>}
        {children}
      </div>
    </li>
  )
}

function ProblemStatus({ state }: { state: ProblemState }) {
  const note = state.note === '' ? '' : `: ${state.note}`
  switch (state.status) {
    case 'answered':
      return (
        <span className="problem-status good">
          <Shape name="good" /> Answered{note}
        </span>
      )
    case 'kept':
      return (
        <span className="problem-status fg2">
          <Shape name="off" /> Kept as it is{note}
        </span>
      )
    case 'open':
      return (
        <span className="problem-status bad">
          <Shape name="bad" /> Open{note}
        </span>
      )
    case 'not stated':
      return (
        <span className="problem-status fg3">
          <Shape name="dash" /> The author did not say what became of it
        </span>
      )
    case 'waiting':
      return (
        <span className="problem-status fg3">
          <Shape name="dash" /> Not answered yet
        </span>
      )
  }
}
