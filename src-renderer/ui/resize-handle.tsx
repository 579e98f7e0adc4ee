import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import './resize-handle.css'

declare module 'react' {
  interface CSSProperties {
    /** Width of the column at the right of a page. */
    '--inspector-w'?: string | undefined
  }
}

interface ResizeHandleProps {
  label: string
  /** Width of the column at its right, in pixels. */
  width: number
  min: number
  max: number
  onChange: (width: number) => void
}

const stepPx = 16

/** The edge between a page and the column at its right: drag it, or move it with the arrow keys. */
export function ResizeHandle({ label, width, min, max, onChange }: ResizeHandleProps) {
  const start = useRef<{ x: number; width: number } | null>(null)
  const bounded = (wanted: number) => Math.round(Math.min(max, Math.max(min, wanted)))
  const keys = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowLeft' ? stepPx : event.key === 'ArrowRight' ? -stepPx : 0
    if (step === 0) return
    event.preventDefault()
    onChange(bounded(width + step))
  }
  const grab = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    start.current = { x: event.clientX, width }
  }
  const drag = (event: PointerEvent) => {
    if (start.current) onChange(bounded(start.current.width + start.current.x - event.clientX))
  }
  const drop = () => {
    start.current = null
  }
  return (
    <div
      className="resize-handle"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onKeyDown={keys}
      onPointerDown={grab}
      onPointerMove={drag}
      onPointerUp={drop}
      onPointerCancel={drop}
    />
  )
}
