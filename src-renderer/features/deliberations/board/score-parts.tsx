import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import './score-parts.css'
import { seriesName } from './series.ts'
import type { Standing } from './standings.ts'

/** How a score comes about: its two halves, then the rubric criterion by criterion. */
export function ScoreParts({ standing, rubricWeight }: { standing: Standing; rubricWeight: number }) {
  const title = standing.scoreSource === 'critics' ? 'Score so far' : 'Score'
  return (
    <>
      <SectionTitle
        note={formula(standing, rubricWeight)}
        aside={standing.score === null ? undefined : <b className="score-total">{format.score(standing.score)}</b>}
      >
        {title}
      </SectionTitle>
      <ul className="score-parts">
        {standing.criteria.map((criterion, at) => (
          <li key={criterion.name}>
            <span className="cut" title={criterion.name}>
              <i style={{ background: `var(${seriesName(at)})` }} />
              {criterion.name}
            </span>
            <span className="num fg3">× {criterion.weight.toFixed(2)}</span>
            {criterion.score === null ? (
              <>
                <span />
                <span className="num">
                  <Absent reason="nobody scored this criterion" />
                </span>
              </>
            ) : (
              <>
                <Meter
                  label={`${criterion.name} ${format.score(criterion.score)}`}
                  parts={[{ value: criterion.score, series: seriesName(at) }]}
                  max={1}
                />
                <span className="num">{format.score(criterion.score)}</span>
              </>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function formula({ checksScore, rubricScore, scoreSource }: Standing, rubricWeight: number): string {
  const source = scoreSource === 'expected' ? ' exp' : scoreSource === 'stated' ? ' st' : ''
  if (rubricScore === null) return checksScore === null ? 'unscored' : `checks ${format.score(checksScore)} alone`
  if (checksScore === null) return `rubric ${format.score(rubricScore)}${source} alone: no check ran`
  return `${(1 - rubricWeight).toFixed(1)} × checks ${format.score(checksScore)} + ${rubricWeight.toFixed(1)} × rubric ${format.score(rubricScore)}${source}`
}
