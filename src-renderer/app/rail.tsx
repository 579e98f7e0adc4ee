import { Tooltip } from '@mantine/core'
import { Link, useLocation } from 'wouter'
import { useSystem } from '../lib/shared-streams.tsx'
import { useAction } from '../lib/use-actions.ts'
import { useMovingBatches } from '../lib/use-batches.ts'
import { routes } from '../lib/routes.ts'
import { Icon, Shape, type IconName } from '../ui/icons.tsx'
import './rail.css'

interface PageLink {
  readonly title: string
  readonly to: string
  readonly icon: IconName
  readonly count?: { readonly value: number; readonly tone: 'neutral' | 'warn' | 'bad'; readonly means: string } | undefined
}

/** The pages, with the counts that matter: neutral unless the count is a state. */
export function Rail({ small }: { small: boolean }) {
  const needs = useSystem().value?.needs ?? []
  const running = useSystem().value?.running_runs ?? 0
  const urgent = needs.filter((need) => need.severity !== 'info' && need.action === 'models')
  const tone = urgent.some((need) => need.severity === 'bad') ? 'bad' : 'warn'
  const batches = useMovingBatches().value?.counts
  const work: PageLink[] = [
    {
      title: 'Deliberations',
      to: routes.deliberations,
      icon: 'deliberations',
      count: running > 0 ? { value: running, tone: 'neutral', means: 'running' } : undefined,
    },
    { title: 'Batches', to: routes.batches, icon: 'batches', count: batches && batchCount(batches) },
  ]
  const machines: PageLink[] = [
    {
      title: 'Models & engines',
      to: routes.models,
      icon: 'models',
      count: urgent.length > 0 ? { value: urgent.length, tone, means: 'need you' } : undefined,
    },
  ]
  return (
    <nav className={small ? 'rail small' : 'rail'} aria-label="Pages">
      <div className="brand">
        <Icon name="flag" />
        <span className="words">Signalbox</span>
      </div>
      <RailLink page={{ title: 'Overview', to: routes.overview, icon: 'overview' }} small={small} />
      <div className="group">
        <span className="words">Work</span>
      </div>
      {work.map((page) => (
        <RailLink key={page.to} page={page} small={small} />
      ))}
      <div className="group">
        <span className="words">Machines</span>
      </div>
      {machines.map((page) => (
        <RailLink key={page.to} page={page} small={small} />
      ))}
      <div className="end" />
      <RailLink page={{ title: 'Settings', to: routes.settings, icon: 'settings' }} small={small} />
      <RailToggle small={small} />
    </nav>
  )
}

/** Those at risk before those that only run. */
function batchCount({ at_risk, moving }: { at_risk: number; moving: number }): PageLink['count'] {
  if (at_risk > 0) return { value: at_risk, tone: 'warn', means: 'at risk' }
  return moving > 0 ? { value: moving, tone: 'neutral', means: 'under way' } : undefined
}

function RailLink({ page, small }: { page: PageLink; small: boolean }) {
  const [location] = useLocation()
  const here = location === page.to || location.startsWith(`${page.to}/`)
  const link = (
    <Link href={page.to} className="rail-item" aria-current={here ? 'page' : undefined}>
      <Icon name={page.icon} />
      <span className="words">{page.title}</span>
      {page.count !== undefined && (
        <span className={`count ${page.count.tone}`}>
          {page.count.tone !== 'neutral' && <Shape name={page.count.tone} />}
          {page.count.value}
          <span className="sr"> {page.count.means}</span>
        </span>
      )}
    </Link>
  )
  return small ? (
    // Inside the navigation, so that what it says belongs to a landmark; fixed, so that the rail does not cut it.
    <Tooltip label={page.title} position="right" withinPortal={false} floatingStrategy="fixed">
      {link}
    </Tooltip>
  ) : (
    link
  )
}

function RailToggle({ small }: { small: boolean }) {
  const toggle = useAction('rail.toggle')
  if (toggle === null) return null
  const words = small ? 'Expand' : 'Collapse'
  return (
    <button type="button" className="rail-item" title={small ? words : undefined} onClick={toggle.run}>
      <Icon name={small ? 'expand' : 'collapse'} />
      <span className="words">{words}</span>
    </button>
  )
}
