import { Switch } from '@mantine/core'
import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { useReadOnly } from '../../lib/shared-streams.tsx'
import { counted } from '../../lib/format.ts'
import { useStream } from '../../lib/use-stream.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { notifyFailure } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { PolicyEditor } from './policy-editor.tsx'
import { newPolicy, storedRule, type PolicyRule, type PolicyView } from './policy-fields.ts'

/** Rules on the left with their switches, the chosen one's editor and a trial of it on the right. */
export function PoliciesTab() {
  const host = useHost()
  const { value, error } = useStream('policies', {
    open: (signal) => host.policy.watch({}, signal),
    fold: (_: readonly PolicyView[] | null, { rules }) => rules,
  })
  const [chosen, setChosen] = useState<string | null>(null)
  const [added, setAdded] = useState<PolicyRule | null>(null)
  if (value === null)
    return (
      <EmptyState title={error === null ? 'The rules have not arrived yet' : 'The rules could not be read'}>
        {error?.message}
      </EmptyState>
    )
  const stored = added === null ? (value.find((each) => each.name === chosen) ?? value[0] ?? null) : null
  const rule = added ?? stored
  const choose = (name: string) => {
    setAdded(null)
    setChosen(name)
  }
  return (
    <div className="roles policies">
      <Panel
        title="Rules"
        note={`${value.filter((each) => each.enabled).length} of ${value.length} on`}
        aside={
          <Button size="sm" variant="quiet" icon="plus" onClick={() => setAdded(newPolicy())}>
            Add
          </Button>
        }
        flush
      >
        <ul className="role-list">
          {value.map((each) => (
            <RuleRow key={each.name} rule={each} current={each === stored} onChoose={() => choose(each.name)} />
          ))}
          {added !== null && (
            <li>
              <button type="button" aria-current="true">
                <span className="med cut">New rule</span>
                <span className="push t11 fg3">not saved</span>
              </button>
            </li>
          )}
          {value.length === 0 && added === null && <li className="t12 fg3">{counted(0, 'rule')}: nothing is checked.</li>}
        </ul>
      </Panel>
      {rule !== null && (
        <PolicyEditor key={stored === null ? 'new' : rule.name} rule={rule} stored={stored} all={value} onSaved={choose} />
      )}
    </div>
  )
}

function RuleRow({ rule, current, onChoose }: { rule: PolicyView; current: boolean; onChoose: () => void }) {
  const readOnly = useReadOnly() !== null
  const host = useHost()
  const setEnabled = (enabled: boolean) =>
    void host.policy
      .save({ rule: { ...storedRule(rule), enabled } })
      .catch((fault: unknown) => notifyFailure(`The rule ${rule.name} was not changed`, fault))
  return (
    <li className="rule-row">
      <button type="button" aria-current={current ? 'true' : undefined} onClick={onChoose} title={rule.message}>
        <span className={rule.enabled ? 'med cut' : 'cut fg3'}>{rule.name}</span>
        <span className="push t11 fg3 nowrap">
          {rule.changed && (rule.builtin ? 'changed, ' : 'yours, ')}
          {rule.severity === 'deny' ? 'denies' : 'warns'}
        </span>
      </button>
      <Switch
        aria-label={`${rule.name} is on`}
        checked={rule.enabled}
        disabled={readOnly}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
    </li>
  )
}
