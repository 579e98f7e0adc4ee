import type { ReactNode } from 'react'
import './empty-state.css'

/** What will be here, and the first thing to do. */
export function EmptyState({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      <b>{title}</b>
      {children !== undefined && <span>{children}</span>}
      {actions !== undefined && <span className="row wrap">{actions}</span>}
    </div>
  )
}
