import type { ReactNode } from 'react'
import { RouteLink } from './route-link.tsx'

/** The way back to the page that a page stands below, and where it is there. */
export function AreaCrumb({ to, area, children }: { to: string; area: string; children?: ReactNode }) {
  return (
    <>
      <RouteLink to={to} className="crumb-link">
        {area}
      </RouteLink>
      / {children}
    </>
  )
}
