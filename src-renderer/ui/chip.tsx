import type { ReactNode } from 'react'
import './chip.css'
import { Shape, type ShapeName, type Tone } from './icons.tsx'

interface ChipProps {
  tone?: Tone | 'stale' | undefined
  /** Left out, the shape of the tone is drawn. */
  shape?: ShapeName | undefined
  /** No frame: for states that need nobody, in rows. */
  plain?: boolean | undefined
  title?: string | undefined
  children: ReactNode
}

/** A state: shape and word. Only warn and bad are filled, because they need a person. */
export function Chip({ tone = 'neutral', shape, plain = false, title, children }: ChipProps) {
  const drawn = shape ?? (tone === 'neutral' ? 'off' : tone === 'stale' ? 'wait' : tone)
  return (
    <span className={`chip ${tone}${plain ? ' plain' : ''}`} title={title}>
      <Shape name={drawn} tone={tone === 'stale' ? 'neutral' : tone} />
      {children}
    </span>
  )
}

/** A small neutral label: a model, a version, a size. */
export function Tag({
  mono = false,
  title,
  children,
}: {
  mono?: boolean | undefined
  title?: string | undefined
  children: ReactNode
}) {
  return (
    <span className={mono ? 'tag mono' : 'tag'} title={title}>
      {children}
    </span>
  )
}
