import { useId, type ReactNode } from 'react'
import './panel.css'

interface PanelProps {
  title: ReactNode
  /** What the numbers below mean, in grey beside the title. */
  note?: ReactNode
  /** At the right end of the head: a link, a switch, a total. */
  aside?: ReactNode
  foot?: ReactNode
  /** No padding: for tables and rows that reach the edge. */
  flush?: boolean | undefined
  className?: string | undefined
  children: ReactNode
}

export function Panel({ title, note, aside, foot, flush = false, className = '', children }: PanelProps) {
  const id = useId()
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span className="note">{note}</span>}
        {aside !== undefined && <span className="push">{aside}</span>}
      </header>
      {flush ? children : <div className="body">{children}</div>}
      {foot !== undefined && <div className="foot">{foot}</div>}
    </section>
  )
}

/** A heading inside a panel or an inspector. */
export function SectionTitle({ note, aside, children }: { note?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <h3 className="section-title">
      {children}
      {note !== undefined && <span className="note">{note}</span>}
      {aside !== undefined && <span className="push">{aside}</span>}
    </h3>
  )
}
