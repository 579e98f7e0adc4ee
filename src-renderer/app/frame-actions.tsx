import { useLocation } from 'wouter'
import { useConnection, useConsole } from '../lib/console.tsx'
import { linkOf, parentRoute, routes, settingsRoute } from '../lib/routes.ts'
import { usePreferences } from '../lib/shared-streams.tsx'
import { useActions } from '../lib/use-actions.ts'
import { notify } from '../ui/notify.tsx'
import { palette } from './palette.tsx'

interface FrameState {
  readonly railSmall: boolean
  readonly showShortcuts: () => void
}

const nextTheme = { system: 'dark', dark: 'light', light: 'system' } as const

/** Actions that every page has. */
export function useFrameActions({ railSmall, showShortcuts }: FrameState): void {
  const [location, navigate] = useLocation()
  const { connection } = useConsole()
  const { preferences, save } = usePreferences()
  const reconnecting = useConnection().kind === 'reconnecting'
  const parent = parentRoute(location)
  const here = location + window.location.search
  useActions(
    [
      page('go.overview', 'Overview', 'alt+1', routes.overview),
      page('go.deliberations', 'Deliberations', 'alt+2', routes.deliberations),
      page('go.batches', 'Batches', 'alt+4', routes.batches),
      page('go.councils', 'Councils', '', routes.councils),
      page('go.models', 'Models & engines', 'alt+3', routes.models),
      page('go.settings', 'Settings', 'mod+,', routes.settings),
      {
        id: 'deliberation.launch',
        title: 'Launch deliberation',
        group: 'Work',
        shortcut: 'n',
        available: true,
        command: true,
        run: () => navigate(routes.launch),
      },
      {
        id: 'batch.new',
        title: 'New batch',
        group: 'Work',
        shortcut: 'b',
        available: true,
        command: true,
        run: () => navigate(routes.newBatch),
      },
      {
        id: 'go.up',
        title: 'Back out one level',
        group: 'Go to',
        shortcut: 'esc',
        available: parent === null ? { reason: 'This is the top.' } : true,
        run: () => {
          if (parent !== null) navigate(parent)
        },
      },
      {
        id: 'go.back',
        title: 'Back in history',
        group: 'Go to',
        shortcut: '[',
        available: true,
        run: () => window.history.back(),
      },
      {
        id: 'go.forward',
        title: 'Forward in history',
        group: 'Go to',
        shortcut: ']',
        available: true,
        run: () => window.history.forward(),
      },
      {
        id: 'palette.open',
        title: 'Search or run a command',
        group: 'Console',
        shortcut: 'mod+k',
        available: true,
        run: () => palette.open(),
      },
      {
        id: 'shortcuts.show',
        title: 'Show keyboard shortcuts',
        group: 'Console',
        shortcut: '?',
        available: true,
        run: showShortcuts,
      },
      {
        id: 'theme.next',
        title: 'Switch the theme',
        group: 'Console',
        shortcut: 'shift+t',
        available: true,
        run: () => save({ theme: nextTheme[preferences.theme] }),
      },
      {
        id: 'rail.toggle',
        title: 'Collapse or expand the page list',
        group: 'Console',
        shortcut: 'mod+b',
        available: true,
        run: () => save({ rail: railSmall ? 'wide' : 'narrow' }),
      },
      {
        id: 'link.copy',
        title: 'Copy link to this page',
        group: 'Console',
        shortcut: 'shift+c',
        available: true,
        run: () => copyLink(here),
      },
      {
        id: 'connection.retry',
        title: 'Reconnect now',
        group: 'Console',
        available: reconnecting ? true : { reason: 'The connection is not down.' },
        run: () => connection.retryNow(),
      },
      {
        id: 'dead-letters.show',
        title: 'Show dead letters',
        group: 'Go to',
        available: true,
        run: () => navigate(settingsRoute('diagnostics')),
      },
      {
        id: 'diagnostics.show',
        title: 'Save a diagnostics bundle',
        group: 'Console',
        available: true,
        run: () => navigate(settingsRoute('diagnostics')),
      },
    ],
    'frame',
  )

  function page(id: string, title: string, shortcut: string, to: string) {
    return { id, title, group: 'Go to', shortcut, available: true, run: () => navigate(to) } as const
  }
}

async function copyLink(route: string): Promise<void> {
  const link = linkOf(route, window.location)
  await navigator.clipboard.writeText(link)
  notify({ tone: 'good', title: 'Link copied', body: link, id: 'link' })
}
