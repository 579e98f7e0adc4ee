import './meter.css'
import type { Tone } from './icons.tsx'

export interface MeterPart {
  readonly value: number
  readonly tone?: Tone | 'accent' | undefined
  /** Paler: reserved, about to be taken. */
  readonly soft?: boolean | undefined
  /** A colour variable for a chart series, e.g. `--s-1`. */
  readonly series?: string | undefined
}

interface MeterProps {
  /** Says what is measured and how much, for those who do not see the bar. */
  label: string
  parts: readonly MeterPart[]
  max: number
  /** A threshold on the same scale. */
  mark?: number | undefined
  tall?: boolean | undefined
}

/** Parts of one whole on a track. */
export function Meter({ label, parts, max, mark, tall = false }: MeterProps) {
  const share = (value: number) => (max > 0 ? Math.min(100, Math.max(0, (value / max) * 100)) : 0)
  return (
    <span className={tall ? 'meter tall' : 'meter'} role="img" aria-label={label}>
      {parts.map((part, at) => (
        <i
          key={at}
          className={`${part.tone ?? ''}${part.soft === true ? ' soft' : ''}`}
          style={{ width: `${share(part.value)}%`, ...(part.series !== undefined && { background: `var(${part.series})` }) }}
        />
      ))}
      {mark !== undefined && <span className="meter-mark" style={{ left: `${share(mark)}%` }} />}
    </span>
  )
}
