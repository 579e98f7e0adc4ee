import { Switch } from '@mantine/core'
import type { Preferences } from '../../../src-preload/contract/settings.ts'
import { usePreferences } from '../../lib/shared-streams.tsx'
import { notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'

const themes = [
  { value: 'system', label: 'As the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
] as const
const rails = [
  { value: 'auto', label: 'By width' },
  { value: 'wide', label: 'Words' },
  { value: 'narrow', label: 'Icons' },
] as const

export function AppearanceTab() {
  const { preferences, save } = usePreferences()
  const change = (patch: Partial<Preferences>) =>
    void save(patch).catch((fault: unknown) => notifyFailure('The setting was not saved', fault))
  return (
    <Panel title="Appearance">
      <div className="setting">
        <span className="setting-name">Theme</span>
        <Segmented label="Theme" value={preferences.theme} options={themes} onChange={(theme) => change({ theme })} />
        <span className="fg3 t12">Both keep the same states in the same shapes.</span>
      </div>
      <div className="setting">
        <span className="setting-name">Page list</span>
        <Segmented label="Page list" value={preferences.rail} options={rails} onChange={(rail) => change({ rail })} />
        <span className="fg3 t12">By width: icons only in windows under 1,400 px.</span>
      </div>
      <div className="setting">
        <span className="setting-name" id="notify-name">
          Notices
        </span>
        <Switch
          label="Tell me when a run ends or an engine fails"
          checked={preferences.notify}
          onChange={(event) => change({ notify: event.currentTarget.checked })}
        />
        <span className="fg3 t12">The bell keeps them all in any case.</span>
      </div>
    </Panel>
  )
}
