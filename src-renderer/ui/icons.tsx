/** Outline icons on a 16 px grid, drawn with the text colour. */
const paths = {
  flag: 'M4 14.5v-13M4 3l8.5 3.2M4 5.4l7.7 2.9M2 14.5h4',
  overview: 'M2.5 11.5a5.5 5.5 0 0 1 11 0M8 11.5l2.6-3.6M2 13.5h12',
  deliberations: 'M2.5 3h7v5h-4l-2 2V8h-1zM6.5 10.5h4l2 2v-2h1v-5h-1.5',
  batches: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  models: 'M2.5 3h11v8h-11zM6 13.5h4M8 11v2.5',
  settings:
    'M2.5 5h5M10.5 5h3M2.5 11h3M8.5 11h5M10.5 5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0zM8.5 11a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0z',
  collapse: 'M2.5 3h11v10h-11zM6 3v10M11 6.5L9.5 8l1.5 1.5',
  expand: 'M2.5 3h11v10h-11zM6 3v10M9.5 6.5L11 8 9.5 9.5',
  chevron: 'M5 6.5l3 3 3-3',
  chevronRight: 'M6.5 5l3 3-3 3',
  search: 'M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM10 10l3.5 3.5',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1 1H3zM7 13.5h2',
  theme: 'M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0zM8 3v10',
  sun: 'M10.5 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  link: 'M6.5 9.5l3-3M7 5l1.2-1.2a2.8 2.8 0 0 1 4 4L11 9M9 11l-1.2 1.2a2.8 2.8 0 0 1-4-4L5 7',
  download: 'M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10',
  open: 'M9.5 2.5h4v4M13.5 2.5l-6 6M11.5 9v4.5h-9v-9H7',
  undo: 'M6 3L3 6l3 3M3 6h6.5a3.5 3.5 0 0 1 0 7H6',
  retry: 'M13 8a5 5 0 1 1-1.5-3.5M13 2.5v3h-3',
  stop: 'M4 4h8v8H4z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.5l7 4.5-7 4.5z',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.01M6.5 6.5h.01M9 6.5h.01M11.5 6.5h.01M5 9.5h6',
  file: 'M4 2h5l3.5 3.5V14H4zM9 2v3.5h3.5',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 9h6l.5-9',
  edit: 'M3 13l.7-2.8L11 2.9l2.1 2.1L5.8 12.3z',
  agent: 'M10.5 5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM3 13.5c.4-3 2.3-4.3 5-4.3s4.6 1.3 5 4.3',
  expandOut: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5l-4.5 4.5M2.5 13.5L7 9',
  check: 'M3.5 8.5l3 3 6-7',
} as const
export type IconName = keyof typeof paths

/** A decorative icon; the control around it carries the name. */
export function Icon({ name, className }: { name: IconName; className?: string | undefined }) {
  return (
    <svg className={className === undefined ? 'icon' : `icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'neutral'
export type ShapeName = 'good' | 'warn' | 'bad' | 'info' | 'run' | 'wait' | 'pause' | 'off' | 'dash' | 'stop'

const cut = {
  stroke: 'var(--cut, var(--bg-panel))',
  strokeWidth: 1.5,
  fill: 'none',
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const

function strokes(name: ShapeName) {
  switch (name) {
    case 'good':
      return (
        <>
          <circle cx="6" cy="6" r="5.5" fill="currentColor" />
          <path d="M3.5 6.2l1.8 1.8 3.2-3.7" {...cut} />
        </>
      )
    case 'warn':
      return (
        <>
          <path d="M6 .6L11.8 11H.2z" fill="currentColor" />
          <path d="M6 4.4v3M6 9.2v.1" {...cut} />
        </>
      )
    case 'bad':
      return (
        <>
          <path d="M3.6.5h4.8l3.1 3.1v4.8l-3.1 3.1H3.6L.5 8.4V3.6z" fill="currentColor" />
          <path d="M4.1 4.1l3.8 3.8M7.9 4.1L4.1 7.9" {...cut} />
        </>
      )
    case 'info':
      return (
        <>
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <path d="M6 5.4v3M6 3.4v.1" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
        </>
      )
    case 'run':
      return (
        <>
          <circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.4" opacity=".35" />
          <path d="M6 1.3a4.7 4.7 0 0 1 0 9.4z" fill="currentColor" />
        </>
      )
    case 'wait':
      return (
        <>
          <circle cx="6" cy="6" r="4.8" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <path d="M6 3.2V6l1.9 1.2" stroke="currentColor" strokeWidth="1.3" fill="none" strokeLinecap="round" />
        </>
      )
    case 'pause':
      return <path d="M3.5 2v8M8.5 2v8" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
    case 'off':
      return <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.3" />
    case 'dash':
      return <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.3" strokeDasharray="2.2 1.5" />
    case 'stop':
      return <rect x="2" y="2" width="8" height="8" fill="none" stroke="currentColor" strokeWidth="1.4" />
  }
}

/** The shape that stands for a state; a word always stands beside it. */
export function Shape({ name, tone }: { name: ShapeName; tone?: Tone | undefined }) {
  const state = tone ?? (name === 'good' || name === 'warn' || name === 'bad' || name === 'info' ? name : 'neutral')
  return (
    <svg className={`shape ${state}-mark`} viewBox="0 0 12 12" aria-hidden="true">
      {strokes(name)}
    </svg>
  )
}
