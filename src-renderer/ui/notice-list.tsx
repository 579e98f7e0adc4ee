import { useLocation } from 'wouter'
import type { Notice } from '../../src-preload/contract/system.ts'
import { Shape } from './icons.tsx'
import './notice-list.css'
import { Time } from './quantities.tsx'

/** Notices, newest first; those with a page lead there. */
export function NoticeList({ notices, onFollow }: { notices: readonly Notice[]; onFollow?: (() => void) | undefined }) {
  const [, navigate] = useLocation()
  return (
    <ul className="notice-list">
      {notices.map(({ id, at, severity, title, body, link }) => (
        <li key={id}>
          <Shape name={severity} />
          <span className="fg3">
            <Time at={at} />
          </span>
          <span className="stack">
            {link === null ? (
              <span className="med">{title}</span>
            ) : (
              <button
                type="button"
                className="notice-link"
                onClick={() => {
                  onFollow?.()
                  navigate(link)
                }}
              >
                {title}
              </button>
            )}
            {body !== '' && <span className="fg2">{body}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}
