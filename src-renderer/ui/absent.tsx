import type { ReactNode } from 'react'

/** No value: a dash that gives its reason. Never used for zero. */
export function Absent({ reason }: { reason: string }) {
  return (
    <span className="fg3" title={reason}>
      <span aria-hidden="true">–</span>
      <span className="sr">none: {reason}</span>
    </span>
  )
}

/** The value, or a dash with the reason. */
export function Maybe<T>({
  value,
  reason,
  children,
}: {
  value: T | null | undefined
  reason: string
  children: (value: T) => ReactNode
}) {
  return value === null || value === undefined ? <Absent reason={reason} /> : <>{children(value)}</>
}
