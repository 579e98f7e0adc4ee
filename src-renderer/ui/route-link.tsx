import type { ReactNode } from 'react'
import { Link } from 'wouter'

/** A link to a page of the console. */
export function RouteLink({
  to,
  className = 'link',
  children,
}: {
  to: string
  className?: string | undefined
  children: ReactNode
}) {
  return (
    <Link href={to} className={className}>
      {children}
    </Link>
  )
}
