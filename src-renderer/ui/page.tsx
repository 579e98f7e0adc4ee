import type { ReactNode } from 'react'
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
  /** The verdict rests on an earlier picture: no state colour. */
  stale?: boolean | undefined
}

export function PageHeader({ crumb, verdict, shape, tone, why, actions, stale = false }: PageHeaderProps) {
  return (
    <header className={stale ? 'page-head stale' : 'page-head'}>
      <div className="verdict">
        <div className="crumb">{crumb}</div>
        <h1>
          {shape !== undefined && <Shape name={shape} tone={stale ? 'neutral' : tone} />}
          <span className="cut">{verdict}</span>
        </h1>
        <div className="why">{why}</div>
      </div>
      {actions !== undefined && <div className="acts">{actions}</div>}
    </header>
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
