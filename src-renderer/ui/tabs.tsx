import type { KeyboardEvent, ReactNode } from 'react'
import './tabs.css'

export interface TabItem<T extends string> {
  readonly id: T
  readonly label: string
  readonly count?: number | undefined
}

interface TabsProps<T extends string> {
  label: string
  items: readonly TabItem<T>[]
  value: T
  onChange: (id: T) => void
  /** The id of the element that shows the tab's content. */
  panelId: string
  aside?: ReactNode
}

/** Tabs over one panel (`<TabPanel id={panelId}>`). Arrow keys move between them. */
export function Tabs<T extends string>({ label, items, value, onChange, panelId, aside }: TabsProps<T>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const at = items.findIndex((item) => item.id === value)
    const next = items[(at + step + items.length) % items.length]
    if (next === undefined) return
    onChange(next.id)
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus()
  }
  return (
    <div className="tabs-bar">
      <div className="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {items.map((item) => (
          <button
            key={item.id}
            type="button"
            role="tab"
            id={`${panelId}-${item.id}`}
            data-tab={item.id}
            aria-selected={item.id === value}
            aria-controls={panelId}
            tabIndex={item.id === value ? 0 : -1}
            className={item.id === value ? 'on' : undefined}
            onClick={() => onChange(item.id)}
          >
            {item.label}
            {item.count !== undefined && <span className="n">{item.count}</span>}
          </button>
        ))}
      </div>
      {aside !== undefined && <span className="row push">{aside}</span>}
    </div>
  )
}

export function TabPanel({
  id,
  tab,
  className,
  children,
}: {
  id: string
  tab: string
  className?: string | undefined
  children: ReactNode
}) {
  return (
    <div role="tabpanel" id={id} aria-labelledby={`${id}-${tab}`} className={className}>
      {children}
    </div>
  )
}
