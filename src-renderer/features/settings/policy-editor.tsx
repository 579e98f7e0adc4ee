import { Select, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { Button } from '../../ui/button.tsx'
import { Shape } from '../../ui/icons.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel } from '../../ui/panel.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ChangedElsewhere, changedElsewhere } from './changed-elsewhere.tsx'
import { fieldsOf, problemsOf, ruleOf, scopes, sourceName, type PolicyRule, type PolicyView } from './policy-fields.ts'
import { PolicyTrial } from './policy-trial.tsx'
import { useRuleFault } from './use-rule-fault.ts'
import { useStoredForm } from './use-stored-form.ts'

const kinds = [
  { value: 'expression', label: 'Expression' },
  { value: 'forbidden', label: 'Forbidden pattern' },
  { value: 'required', label: 'Required pattern' },
] as const
const severities = [
  { value: 'deny', label: 'Denies' },
  { value: 'warn', label: 'Warns' },
] as const
const scopeOptions = Object.entries(scopes).map(([value, { label }]) => ({ value, label }))

interface PolicyEditorProps {
  rule: PolicyRule
  /** As the host has it; null for one that was never saved. */
  stored: PolicyView | null
  all: readonly PolicyView[]
  onSaved: (name: string) => void
}

/** What one rule demands and says, and a trial of it on a text. */
export function PolicyEditor({ rule, stored, all, onSaved }: PolicyEditorProps) {
  const host = useHost()
  const [failure, setFailure] = useState<string | null>(null)
  const [resetting, setResetting] = useState(false)
  const taken = all.map((each) => each.name).filter((name) => name !== stored?.name)
  const form = useForm({ initialValues: fieldsOf(rule), validate: (fields) => problemsOf(fields, taken) })
  const { values } = form
  const { isChangedElsewhere, keepMine, takeTheirs } = useStoredForm({
    stored: JSON.stringify(ruleOf(fieldsOf(rule), true)),
    written: JSON.stringify(ruleOf(values, true)),
    adopt: () => {
      form.setInitialValues(fieldsOf(rule))
      form.reset()
    },
    rebase: () => {
      form.setInitialValues(fieldsOf(rule))
      form.resetDirty(fieldsOf(rule))
    },
  })
  const fault = useRuleFault(values)
  const enabled = stored?.enabled ?? true
  const save = form.onSubmit(async (fields) => {
    setFailure(null)
    try {
      await host.policy.save({ rule: ruleOf(fields, enabled) })
      form.resetDirty()
      notify({ tone: 'good', title: `${fields.name.trim()} saved`, body: 'The next text that is checked is held against it.' })
      onSaved(fields.name.trim())
    } catch (fault) {
      setFailure(messageOf(fault))
    }
  })
  return (
    <div className="stack gap-3">
      <Panel
        title={stored?.name ?? 'New rule'}
        note={noteOf(stored)}
        aside={
          stored !== null &&
          stored.changed && (
            <Button command size="sm" variant="danger" onClick={() => setResetting(true)}>
              {stored.builtin ? 'Reset to shipped…' : 'Remove…'}
            </Button>
          )
        }
      >
        <form className="stack gap-3" onSubmit={save}>
          <div className="policy-head">
            <TextInput label="Name" maxLength={60} readOnly={stored !== null} {...form.getInputProps('name')} />
            <Select label="Applies to" data={scopeOptions} {...form.getInputProps('appliesTo')} />
            {values.appliesTo === 'blocks' && (
              <TextInput label="Languages" placeholder="every one; else: yaml, sql" {...form.getInputProps('languages')} />
            )}
          </div>
          <div className="row">
            <Segmented
              label="What it demands"
              value={values.kind}
              options={kinds}
              onChange={(kind) => form.setFieldValue('kind', kind)}
            />
            <Segmented
              label="Severity"
              value={values.severity}
              options={severities}
              onChange={(severity) => form.setFieldValue('severity', severity)}
            />
          </div>
          <Textarea
            label={values.kind === 'expression' ? 'Expression' : 'Pattern'}
            description={
              values.kind === 'expression'
                ? `CEL, true for what is sound. It can use ${scopes[values.appliesTo].names}.`
                : `A regular expression (RE2). ${values.kind === 'forbidden' ? 'No part may match it.' : 'A part must match it.'}`
            }
            classNames={{ input: 'policy-source' }}
            autosize
            minRows={3}
            maxRows={10}
            maxLength={values.kind === 'expression' ? 2000 : 500}
            spellCheck={false}
            {...form.getInputProps('source')}
            error={form.errors['source'] ?? fault}
          />
          <TextInput
            label="Message"
            description="What is said of a proposal that breaks it."
            maxLength={300}
            {...form.getInputProps('message')}
          />
          {isChangedElsewhere && <ChangedElsewhere what="This rule" onKeep={keepMine} onTake={takeTheirs} />}
          {failure !== null && (
            <p className="row top t12" role="alert">
              <Shape name="bad" /> {failure}
            </p>
          )}
          <div className="row">
            <Button
              command
              variant="primary"
              type="submit"
              pending={form.submitting}
              reason={
                stored !== null && !form.isDirty()
                  ? 'Nothing was changed.'
                  : isChangedElsewhere
                    ? changedElsewhere
                    : fault === null
                      ? undefined
                      : `The ${sourceName(values.kind)} cannot be used.`
              }
            >
              Save the rule
            </Button>
            {form.isDirty() && (
              <Button variant="quiet" onClick={form.reset}>
                Discard changes
              </Button>
            )}
          </div>
        </form>
      </Panel>
      <PolicyTrial fields={values} fault={fault} others={all.filter((each) => each.name !== stored?.name)} />
      {resetting && stored !== null && (
        <FormDialog
          title={stored.builtin ? `Reset ${stored.name} to what was shipped?` : `Remove ${stored.name}?`}
          confirm={stored.builtin ? 'Reset it' : 'Remove it'}
          danger
          onConfirm={async () => {
            await host.policy.reset({ name: stored.name })
            takeTheirs()
          }}
          onClose={() => setResetting(false)}
        >
          <p className="t12 fg2">
            {stored.builtin ? 'Your changes are lost, its switch among them' : 'The rule is gone'}. Its{' '}
            {sourceName(stored.test.kind)} now:{' '}
            <span className="mono">{stored.test.kind === 'expression' ? stored.test.expression : stored.test.pattern}</span>
          </p>
          <p className="t12 fg2">Texts that were checked keep what was found in them.</p>
        </FormDialog>
      )}
    </div>
  )
}

function noteOf(stored: PolicyView | null): string {
  if (stored === null) return 'not saved yet'
  const origin = stored.builtin ? (stored.changed ? 'shipped, changed by you' : 'as shipped') : 'added by you'
  return stored.enabled ? origin : `${origin}; off`
}
