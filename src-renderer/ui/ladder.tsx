import type { ReactNode } from 'react'
import './ladder.css'
import { Shape, type ShapeName, type Tone } from './icons.tsx'

export interface LadderStep {
  readonly id: string
  readonly name: string
  /** `half`: running, with `progress`; `now`: running, length unknown. */
  readonly state: 'done' | 'now' | 'half' | 'next' | 'bad' | 'skipped'
  /** 0 to 1, for `half`. */
  readonly progress?: number | undefined
  /** Lines below the name: how long, how many. */
  readonly what?: readonly ReactNode[] | undefined
  /** Left out, it follows from the state. */
  readonly shape?: ShapeName | undefined
  readonly tone?: Tone | undefined
}

const shapes: Readonly<Record<LadderStep['state'], ShapeName | null>> = {
  done: 'good',
  now: 'run',
  half: 'run',
  next: null,
  bad: 'bad',
  skipped: 'dash',
}
const words: Readonly<Record<LadderStep['state'], string>> = {
  done: 'done',
  now: 'running',
  half: 'running',
  next: 'to come',
  bad: 'failed',
  skipped: 'skipped',
}

/** Stages from left to right. */
export function Ladder({ label, steps }: { label: string; steps: readonly LadderStep[] }) {
  return (
    <ol className="ladder" aria-label={label}>
      {steps.map((step) => {
        const shape = step.shape ?? shapes[step.state]
        return (
          <li
            key={step.id}
            className={step.state}
            aria-current={step.state === 'now' || step.state === 'half' ? 'step' : undefined}
          >
            <span className="ladder-track">
              {step.state === 'half' && <i style={{ width: `${Math.round((step.progress ?? 0) * 100)}%` }} />}
            </span>
            <span className="name">
              {shape !== null && <Shape name={shape} tone={step.tone ?? (step.state === 'bad' ? 'bad' : 'neutral')} />}
              <span className="cut">{step.name}</span>
              <span className="sr">, {words[step.state]}</span>
            </span>
            {step.what?.map((line, at) => (
              <span key={at} className="what">
                {line}
              </span>
            ))}
          </li>
        )
      })}
    </ol>
  )
}
