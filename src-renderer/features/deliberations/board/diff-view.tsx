import { memo, useMemo } from 'react'
import * as format from '../../../lib/format.ts'
import { SectionTitle } from '../../../ui/panel.tsx'
import type { Version } from '../shapes.ts'
import './diff-view.css'
import type { Quote } from './quotes.ts'
import { revisedInWords } from './reviews.ts'
import { diffTexts, type DiffHunk, type DiffLine } from './revision-diff.ts'

interface DiffViewProps {
  before: Version
  after: Version
  /** Quotes in the older text: a changed place that holds one says so. */
  quotes: readonly Quote[]
}

/** What a revision changed, line by line. */
export const DiffView = memo(function DiffView({ before, after, quotes }: DiffViewProps) {
  const title = `${before.round === 0 ? 'Proposal' : `Revision ${before.round}`} to revision ${after.round}${revisedInWords(after)}`
  return <TextDiff title={title} before={before.content} after={after.content} about={(hunk) => quotedIn(hunk, quotes)} />
})

interface TextDiffProps {
  title: string
  before: string
  after: string
  /** What else is to be said of a changed place. */
  about?: ((hunk: DiffHunk) => string) | undefined
}

/** Two texts line by line, with the changed words marked. */
export function TextDiff({ title, before, after, about }: TextDiffProps) {
  const diff = useMemo(() => diffTexts(before, after), [before, after])
  if (!diff) return <SectionTitle note="rewritten: next to nothing is left of the text before">{title}</SectionTitle>
  if (diff.hunks.length === 0) return <SectionTitle note="nothing changed">{title}</SectionTitle>
  return (
    <>
      <SectionTitle note={`+${diff.added} −${format.counted(diff.removed, 'line')}`}>{title}</SectionTitle>
      <div className="diff" role="region" aria-label={`Changes: ${title}`} tabIndex={0}>
        {diff.hunks.map((hunk, at) => (
          <Hunk key={at} hunk={hunk} name={`Hunk ${at + 1}${about?.(hunk) ?? ''}`} />
        ))}
      </div>
    </>
  )
}

function quotedIn(hunk: DiffHunk, quotes: readonly Quote[]): string {
  const ids = quotes.filter((quote) => quote.start < hunk.to && quote.end > hunk.from).map((quote) => quote.problemId)
  return ids.length === 0 ? '' : ` changes what ${ids.join(', ')} quotes`
}

/** Some changed places of a text, by their numbers. */
export function DiffHunks({ label, hunks }: { label: string; hunks: readonly (DiffHunk & { readonly number: number })[] }) {
  return (
    <div className="diff" role="region" aria-label={label} tabIndex={0}>
      {hunks.map((hunk) => (
        <Hunk key={hunk.number} hunk={hunk} name={`Hunk ${hunk.number}`} />
      ))}
    </div>
  )
}

function Hunk({ hunk, name }: { hunk: DiffHunk; name: string }) {
  return (
    <>
      <div className="diff-hunk">{name}</div>
      {hunk.lines.map((line, at) => (
        <Line key={at} line={line} />
      ))}
    </>
  )
}

const signs: Readonly<Record<DiffLine['kind'], string>> = { same: '', removed: '−', added: '+' }

function Line({ line }: { line: DiffLine }) {
  return (
    <div className={`diff-line ${line.kind}`}>
      <span className="diff-number">{line.line}</span>
      <span className="diff-sign">{signs[line.kind]}</span>
      <span className="diff-text">{line.spans.map((span, at) => (span.changed ? <b key={at}>{span.text}</b> : span.text))}</span>
    </div>
  )
}
