import './finding-list.css'
import { Shape, type Tone } from './icons.tsx'

export interface Finding {
  readonly key: string
  readonly tone: Tone
  /** Of the text it was found in; null where it is about the whole of it. */
  readonly line: number | null
  /** What was broken: a rule's name, a language. */
  readonly rule: string
  readonly message: string
  /** Where in a document, or null. */
  readonly place: string | null
}

/** What checks found in a text, each with its line; with `onLine` the line leads there. */
export function FindingList({
  label,
  findings,
  onLine,
}: {
  label: string
  findings: readonly Finding[]
  onLine?: ((line: number) => void) | undefined
}) {
  return (
    <ul className="finding-list" aria-label={label}>
      {findings.map(({ key, tone, line, rule, message, place }) => (
        <li key={key}>
          <Shape name={tone === 'neutral' ? 'off' : tone} tone={tone} />
          {line === null ? (
            <span className="fg3">text</span>
          ) : onLine ? (
            <button type="button" className="link" onClick={() => onLine(line)}>
              line {line}
            </button>
          ) : (
            <span className="num">line {line}</span>
          )}
          <span>
            <b className="med mono">{rule}</b> {message}
            {place !== null && <span className="fg3 mono"> {place}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}
