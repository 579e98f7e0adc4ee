import type { ReactNode } from 'react'
import './banner.css'
import { Shape, type ShapeName } from './icons.tsx'

interface BannerProps {
  tone: 'info' | 'warn' | 'bad'
  shape?: ShapeName | undefined
  /** What failed, what still works, what to try. */
  children: ReactNode
  actions?: ReactNode
}

export function Banner({ tone, shape = tone, children, actions }: BannerProps) {
  return (
    <div className={`banner ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <Shape name={shape} tone={tone} />
      <span>{children}</span>
      {actions !== undefined && <span className="row push">{actions}</span>}
    </div>
  )
}
