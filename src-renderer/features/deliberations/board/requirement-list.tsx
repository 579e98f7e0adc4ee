import { Shape } from '../../../ui/icons.tsx'
import { SectionTitle } from '../../../ui/panel.tsx'
import type { JudgedRequirement } from './peer-scores.ts'
import './requirement-list.css'

/** What the peers found of each requirement; `quotes` adds each scorer's verdict with the passage it named. */
export function RequirementList({ judged, quotes = false }: { judged: readonly JudgedRequirement[]; quotes?: boolean }) {
  if (judged.length === 0) return null
  return (
    <>
      <SectionTitle note="as the peers judged them">Requirements</SectionTitle>
      <ul className="requirement-list">
        {judged.map((requirement) => (
          <li key={requirement.id}>
            <Shape name={shapeOf(requirement)} tone={toneOf(requirement)} />
            <span className={quotes ? 'wraps' : 'cut'} title={requirement.text}>
              <span className="num fg3">{requirement.id}</span> {requirement.text}
            </span>
            <span className="num">{countInWords(requirement)}</span>
            {quotes && requirement.verdicts.length > 0 && (
              <ul className="requirement-verdicts">
                {requirement.verdicts.map((verdict) => (
                  <li key={verdict.scorerId}>
                    <span className="mono t12">{verdict.scorerId}</span>{' '}
                    <span className={verdict.met ? 'good' : 'bad'}>{verdict.met ? 'met' : 'not met'}</span>
                    {verdict.quote === '' ? (
                      <span className="fg3"> no passage named</span>
                    ) : (
                      <q className="quoted-source">{verdict.quote}</q>
                    )}
                    {verdict.quote !== '' && !verdict.anchored && (
                      <span className="unanchored">unanchored: this passage is not in the text</span>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function countInWords({ met, judged }: JudgedRequirement): string {
  return judged === 0 ? 'not judged' : `met by ${met} of ${judged}`
}

function shapeOf({ met, judged }: JudgedRequirement) {
  if (judged === 0) return 'off'
  return met === judged ? 'good' : met === 0 ? 'bad' : 'warn'
}

function toneOf({ met, judged }: JudgedRequirement) {
  if (judged === 0) return 'neutral'
  return met === judged ? 'good' : met === 0 ? 'bad' : 'warn'
}
