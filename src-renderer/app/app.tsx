import { useMediaQuery } from '@mantine/hooks'
import { Notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { isRunRoute } from '../lib/routes.ts'
import { usePreferences } from '../lib/shared-streams.tsx'
import { useChosenTheme } from './appearance.tsx'
import { CancelBanners } from './cancel-banners.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { useFrameActions } from './frame-actions.tsx'
import { useShortcuts } from './keyboard.ts'
import { Pages } from './pages.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { ShortcutsSheet } from './shortcuts-sheet.tsx'
import { StorageBanner } from './storage-banner.tsx'
import { StatusStrip } from './status-strip.tsx'
import { useNoStraySelection } from './stray-selection.ts'
import { TopBar } from './top-bar.tsx'
import './app.css'

/** The frame around every page. */
export function App() {
  const [sheet, setSheet] = useState(false)
  const { rail } = usePreferences().preferences
  // A run is read beside its inspector: there the rail gives its words up sooner.
  const [location] = useLocation()
  const enough = isRunRoute(location) ? 1800 : 1400
  const wideWindow = useMediaQuery(`(min-width: ${enough}px)`, undefined, { getInitialValueInEffect: false })
  const railSmall = rail === 'narrow' || (rail === 'auto' && !wideWindow)
  useChosenTheme()
  useShortcuts()
  useNoStraySelection()
  useFrameActions({ railSmall, showShortcuts: () => setSheet(true) })
  return (
    <div className={railSmall ? 'app rail-small' : 'app'}>
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <Rail small={railSmall} />
      <TopBar />
      <main id="page" className="main" tabIndex={-1}>
        <ConnectionBanner />
        <StorageBanner />
        <CancelBanners />
        <Pages />
      </main>
      <StatusStrip />
      <Palette />
      {sheet && <ShortcutsSheet onClose={() => setSheet(false)} />}
      <Notifications position="bottom-right" limit={4} />
    </div>
  )
}
