import { Switch } from '@mantine/core'
import { usePreferences, useReadOnly, useSystem } from '../../lib/shared-streams.tsx'
import { notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'

/** Takes every command away from the pages of this console, or gives them back. */
export function ReadOnlyPanel() {
  const { preferences, save } = usePreferences()
  const isFixed = useSystem().value?.started_read_only === true
  const reason = useReadOnly()
  const change = (read_only: boolean) =>
    void save({ read_only }).catch((fault: unknown) => notifyFailure('The setting was not saved', fault))
  return (
    <Panel title="Read-only mode" note="for every window of this console">
      <div className="setting">
        <span className="setting-name">Commands</span>
        <Switch
          label="Let nothing be changed"
          checked={isFixed || preferences.read_only}
          disabled={isFixed}
          onChange={(event) => change(event.currentTarget.checked)}
        />
        <span className="fg3 t12">
          {isFixed
            ? `${reason ?? ''} Start it without to change things.`
            : 'What is under way goes on. Clients of the HTTP API have keys of their own and are not held back.'}
        </span>
      </div>
    </Panel>
  )
}
