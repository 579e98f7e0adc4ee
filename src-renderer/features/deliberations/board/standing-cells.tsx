import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { Shape, type ShapeName, type Tone } from '../../../ui/icons.tsx'
import type { Check } from '../shapes.ts'
import { seriesColour } from './series.ts'
import type { Standing } from './standings.ts'

const checkShapes: Readonly<Record<Check['status'], { readonly shape: ShapeName; readonly tone: Tone }>> = {
  passed: { shape: 'good', tone: 'good' },
  failed: { shape: 'bad', tone: 'bad' },
  error: { shape: 'warn', tone: 'warn' },
  skipped: { shape: 'off', tone: 'neutral' },
}

export function CheckShape({ check }: { check: Check }) {
  const { shape, tone } = checkShapes[check.status]
  return <Shape name={shape} tone={tone} />
}

/** The checks of a text as shapes, each with its word and message. */
export function Checks({ checks }: { checks: readonly Check[] }) {
  if (checks.length === 0) return <Absent reason="its text has not been checked" />
  return (
    <span className="row check-shapes">
      {checks.map((check) => (
        <span key={check.check} title={`${check.check}: ${check.status}. ${check.message}`}>
          <CheckShape check={check} />
          <span className="sr">
            {check.check} {check.status}
          </span>
        </span>
      ))}
    </span>
  )
}

/** What each criterion adds to the rubric score, as parts of one bar of length 1. */
export function RubricParts({ row }: { row: Standing }) {
  const weights = row.criteria.reduce((sum, criterion) => sum + criterion.weight, 0)
  const said = row.criteria
    .map((criterion) => `${criterion.name} ${criterion.score === null ? 'not scored' : format.score(criterion.score)}`)
    .join(', ')
  return (
    <span className="rubric-parts" role="img" aria-label={said} title={said}>
      {row.criteria.map((criterion, at) => (
        <i
          key={criterion.name}
          style={{
            width: `${((criterion.score ?? 0) * criterion.weight * 100) / (weights || 1)}%`,
            background: seriesColour(at),
          }}
        />
      ))}
    </span>
  )
}
