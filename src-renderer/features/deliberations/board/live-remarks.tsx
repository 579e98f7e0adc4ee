import { useLiveTexts, useLiveView } from './live-context.ts'
import './live-remarks.css'
import { remarksOf } from './remarks.ts'

/** A reply may hold some dozen; the last ones are what is being written. */
const SHOWN = 3

/** What a critic or scorer has said so far in a running call, in words. */
export function LiveRemarks({ callKey, label }: { callKey: string; label: string }) {
  const live = useLiveTexts()
  // Tells when there is more to read.
  useLiveView(callKey)
  const remarks = remarksOf(live.text(callKey))
  return (
    <div className="live-remarks" tabIndex={0} role="region" aria-label={label}>
      <ul>
        {remarks.length === 0 && <li className="fg3">Nothing in words yet.</li>}
        {remarks.slice(-SHOWN).map(({ about, text }, at) => (
          <li key={Math.max(0, remarks.length - SHOWN) + at} dir="auto">
            {about !== '' && <span className="fg3">{about}: </span>}
            {text}
          </li>
        ))}
      </ul>
    </div>
  )
}
