import type { ReactNode } from 'react'
import './key-value.css'

interface KeyValueProps {
  items: readonly (readonly [key: ReactNode, value: ReactNode])[]
  /** Hairlines between the rows. */
  rules?: boolean | undefined
  /** Values at the left, beside their keys. */
  left?: boolean | undefined
}

export function KeyValue({ items, rules = false, left = false }: KeyValueProps) {
  return (
    <dl className={`key-value${rules ? ' rules' : ''}${left ? ' left' : ''}`}>
      {items.map(([key, value], at) => (
        <div key={at}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
