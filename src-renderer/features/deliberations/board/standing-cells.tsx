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

/** The checks of a text as shapes, each with its word and message; those that the run added as one number, their mean score. */
export function Checks({ checks }: { checks: readonly Check[] }) {
  if (checks.length === 0) return <Absent reason="its text has not been checked" />
  const added = checks.flatMap(({ score }) => score ?? [])
  return (
    <span className="row check-shapes">
      {checks
        .filter((check) => check.score === undefined)
        .map((check) => (
          <span key={check.check} title={inWords(check)}>
            <CheckShape check={check} />
            <span className="sr">
              {check.check} {check.status}
            </span>
          </span>
        ))}
      {added.length > 0 && (
        <span
          className="num"
          title={checks
            .filter((check) => check.score !== undefined)
            .map(inWords)
            .join('\n')}
        >
          <span className="sr">checks of this run </span>
          {format.score(added.reduce((sum, score) => sum + score, 0) / added.length)}
        </span>
      )}
    </span>
  )
}

const inWords = ({ check, status, message }: Check): string => `${check}: ${status}. ${message}`

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
