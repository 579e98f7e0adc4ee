import { createRoot } from 'react-dom/client'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import '@fontsource/ibm-plex-sans/400.css'
import '@fontsource/ibm-plex-sans/500.css'
import '@fontsource/ibm-plex-sans/600.css'
import '@fontsource/ibm-plex-mono/400.css'
import '@fontsource/ibm-plex-mono/500.css'
import './ui/fonts.css'
import './ui/tokens.css'
import './ui/base.css'
import './ui/icons.css'
import './ui/mantine.css'
import { App } from './app/app.tsx'
import { Appearance } from './app/appearance.tsx'
import { openHost } from './host.ts'
import { ActionRegistry } from './lib/actions.ts'
import { CancelWindows } from './lib/cancel-windows.ts'
import { ConsoleProvider } from './lib/shared-streams.tsx'
import { notifyFailure } from './ui/notify.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root element.')

const actions = new ActionRegistry((action, fault) => notifyFailure(`${action.title}: failed`, fault))
const cancelWindows = new CancelWindows(({ title }, fault) => notifyFailure(`${title}: failed`, fault))

createRoot(root).render(
  <ConsoleProvider console={{ ...openHost(), actions, cancelWindows }}>
    <Appearance>
      <App />
    </Appearance>
  </ConsoleProvider>,
)
