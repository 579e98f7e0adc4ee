import { useEffect, useRef, useState, type ReactNode } from 'react'
import './page.css'
import { Shape, type ShapeName, type Tone } from './icons.tsx'

/** One page: header, then whatever scrolls. `inspector` opens a column on the right. */
export function Page({ children, inspector }: { children: ReactNode; inspector?: ReactNode }) {
  return (
    <div className={inspector === undefined || inspector === null ? 'page-grid' : 'page-grid with-inspector'}>
      <section className="page">{children}</section>
      {inspector}
    </div>
  )
}

interface PageHeaderProps {
  /** Where this is: words, links, ids and tags in a row. */
  crumb: ReactNode
  /** The answer to the page's question, as a sentence with numbers. */
  verdict: ReactNode
  shape?: ShapeName | undefined
  tone?: Tone | undefined
  /** One line of reason below it. */
  why?: ReactNode
  actions?: ReactNode
  /** What the page is about, for the window's title; else the crumb. */
  about?: string | undefined
  /** Screen readers are told when the verdict becomes another one. */
  spoken?: boolean | undefined
  /** The verdict rests on an earlier picture: no state colour. */
  stale?: boolean | undefined
}

export function PageHeader({ crumb, verdict, shape, tone, why, actions, about, spoken = false, stale = false }: PageHeaderProps) {
  const header = useRef<HTMLElement>(null)
  useEffect(() => {
    const textOf = (selector: string) => header.current?.querySelector(selector)?.textContent.trim() ?? ''
    document.title = [textOf('h1'), about ?? textOf('.crumb'), 'Signalbox'].filter((part) => part !== '').join(' · ')
  }, [verdict, about, crumb])
  return (
    <header ref={header} className={stale ? 'page-head stale' : 'page-head'}>
      <div className="verdict">
        <div className="crumb">{crumb}</div>
        <h1>
          {shape !== undefined && <Shape name={shape} tone={stale ? 'neutral' : tone} />}
          <span className="cut">{verdict}</span>
        </h1>
        <div className="why">{why}</div>
        {spoken && typeof verdict === 'string' && <Spoken text={verdict} />}
      </div>
      {actions !== undefined && <div className="acts">{actions}</div>}
    </header>
  )
}

const SPEAK_EVERY_MS = 10_000

/** Reads a sentence out when it changed, the last one of 10 s: a run that is under way would never fall silent. */
function Spoken({ text }: { text: string }) {
  const [said, setSaid] = useState('')
  const saidAt = useRef(0)
  useEffect(() => {
    const timer = setTimeout(
      () => {
        saidAt.current = Date.now()
        setSaid(text)
      },
      Math.max(0, saidAt.current + SPEAK_EVERY_MS - Date.now()),
    )
    return () => clearTimeout(timer)
  }, [text])
  return (
    <span className="sr" role="status">
      {said}
    </span>
  )
}

/** The scrolling part. `flush` has no padding: for tables from edge to edge. */
export function PageContent({ children, flush = false }: { children: ReactNode; flush?: boolean | undefined }) {
  return (
    <div className={flush ? 'content flush' : 'content'} tabIndex={-1}>
      {children}
    </div>
  )
}

/** The column on the right that shows one thing in detail. */
export function Inspector({
  label,
  head,
  foot,
  children,
}: {
  label: string
  head: ReactNode
  foot?: ReactNode
  children: ReactNode
}) {
  return (
    <aside className="inspector" aria-label={label}>
      <div className="inspector-head">{head}</div>
      <div className="inspector-body" tabIndex={0} role="region" aria-label={`${label}, details`}>
        {children}
      </div>
      {foot !== undefined && <div className="inspector-foot">{foot}</div>}
    </aside>
  )
}

export function InspectorSection({ children }: { children: ReactNode }) {
  return <section className="inspector-section">{children}</section>
}
