import { Menu } from '@mantine/core'
import { useLocation } from 'wouter'
import { settingsRoute } from '../lib/routes.ts'
import { usePreferences, useReadOnly, useSystem } from '../lib/shared-streams.tsx'
import { useAction } from '../lib/use-actions.ts'
import { Button } from '../ui/button.tsx'
import { Chip } from '../ui/chip.tsx'
import { Icon } from '../ui/icons.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { ConnectionChip } from './connection-banner.tsx'
import { NoticesButton } from './notices.tsx'
import './top-bar.css'

/** Where am I connected, how old is what I see, what can I run. */
export function TopBar() {
  const palette = useAction('palette.open')
  const readOnly = useReadOnly()
  return (
    <div className="topbar" role="region" aria-label="Console bar">
      <Switcher />
      <ConnectionChip />
      {readOnly !== null && (
        <Chip tone="warn" title={readOnly}>
          Read-only
        </Chip>
      )}
      <button type="button" className="palette-opener" onClick={palette?.run}>
        <Icon name="search" />
        <span>Search or run a command</span>
        {palette?.chord != null && <Kbd chord={palette.chord} />}
      </button>
      <NoticesButton />
      <ThemeButton />
      <KeysButton />
    </div>
  )
}

function Switcher() {
  const { value } = useSystem()
  const [, navigate] = useLocation()
  const name = value?.context.name ?? 'Local'
  return (
    <Menu position="bottom-start" width={260} withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button type="button" className="switcher">
          <span className="context-mark" />
          <b>{name}</b>
          <span className="fg2">this machine</span>
          <Icon name="chevron" className="fg3" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Connections</Menu.Label>
        <Menu.Item leftSection={<Icon name="check" />} rightSection={<span className="t11 fg3">in use</span>}>
          {name}, this machine
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => navigate(settingsRoute('connections'))}>Connections and endpoints</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function ThemeButton() {
  const { theme } = usePreferences().preferences
  const next = useAction('theme.next')
  const icon = theme === 'light' ? 'sun' : theme === 'dark' ? 'moon' : 'theme'
  return <Button variant="quiet" icon={icon} label={`Theme: ${theme}`} onClick={next?.run} />
}

function KeysButton() {
  const sheet = useAction('shortcuts.show')
  return <Button variant="quiet" icon="keyboard" label="Keyboard shortcuts" onClick={sheet?.run} />
}
