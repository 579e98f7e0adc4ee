import { Autocomplete, NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useHost } from '../../lib/console.tsx'
import { messageOf } from '../../lib/failure.ts'
import { percent } from '../../lib/format.ts'
import { servedModels, useModels } from '../../lib/use-models.ts'
import { Button } from '../../ui/button.tsx'
import { Tag } from '../../ui/chip.tsx'
import { Shape } from '../../ui/icons.tsx'
import { notify } from '../../ui/notify.tsx'
import { Panel, SectionTitle } from '../../ui/panel.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ChangedElsewhere, changedElsewhere } from './changed-elsewhere.tsx'
import { fieldsOf, newCriterion, problemsOf, roleOf, shareOf, type Role, type RoleView } from './role-fields.ts'
import { useStoredForm } from './use-stored-form.ts'

const maxCriteria = 12

interface RoleEditorProps {
  role: Role
  /** As the host has it; null for one that was never saved. */
  stored: RoleView | null
  taken: readonly string[]
  onSaved: (name: string) => void
}

/** Persona, model and weighted rubric of one role. */
export function RoleEditor({ role, stored, taken, onSaved }: RoleEditorProps) {
  const host = useHost()
  const [failure, setFailure] = useState<string | null>(null)
  const [resetting, setResetting] = useState(false)
  const others = stored === null ? taken : taken.filter((name) => name !== stored.name)
  const form = useForm({ initialValues: fieldsOf(role), validate: (fields) => problemsOf(fields, others) })
  const { values } = form
  const models = useModels().value
  const served = models === null ? [] : [...new Set(servedModels(models).map(({ reference }) => reference.model))]
  const { isChangedElsewhere, keepMine, takeTheirs } = useStoredForm({
    stored: JSON.stringify(roleOf(fieldsOf(role))),
    written: JSON.stringify(roleOf(values)),
    adopt: () => {
      form.setInitialValues(fieldsOf(role))
      form.reset()
    },
    rebase: () => {
      form.setInitialValues(fieldsOf(role))
      form.resetDirty(fieldsOf(role))
    },
  })
  const save = form.onSubmit(async (fields) => {
    setFailure(null)
    try {
      await host.settings.saveRole({ role: roleOf(fields) })
      form.resetDirty()
      notify({ tone: 'good', title: `${fields.title} saved`, body: 'The next run of this role uses it.' })
      onSaved(fields.name.trim())
    } catch (fault) {
      setFailure(messageOf(fault))
    }
  })
  return (
    <Panel
      title={stored?.title ?? 'New role'}
      note={
        stored === null
          ? 'not saved yet'
          : stored.builtin
            ? stored.changed
              ? 'shipped, changed by you'
              : 'as shipped'
            : 'added by you'
      }
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
        <div className="role-head">
          <TextInput label="Title" maxLength={60} {...form.getInputProps('title')} />
          <TextInput label="Name" maxLength={40} readOnly={stored !== null} {...form.getInputProps('name')} />
          <NumberInput label="Temperature" min={0} max={2} step={0.05} decimalScale={2} {...form.getInputProps('temperature')} />
          <NumberInput
            label="Tokens an answer"
            placeholder="a quarter of the context"
            min={1}
            allowDecimal={false}
            {...form.getInputProps('maxTokens')}
          />
        </div>
        <div className="role-model">
          <Autocomplete
            label="Model"
            placeholder="the first that is served"
            description="Of agents that name none. A run is not launched while it is not served; its form offers what is."
            data={served}
            maxLength={200}
            {...form.getInputProps('model')}
          />
          <NumberInput
            label="Context window"
            placeholder="the model’s own"
            description="Tokens that prompt and answer may take together."
            min={512}
            thousandSeparator=","
            allowDecimal={false}
            {...form.getInputProps('contextWindow')}
          />
        </div>
        <Textarea
          label="Persona"
          description="What each agent is told about who it is."
          autosize
          minRows={4}
          maxRows={12}
          maxLength={4000}
          {...form.getInputProps('persona')}
        />
        <TagsInput
          label="Required sections"
          description="Headings that lint looks for in every final text, unless a run names its own."
          placeholder={values.sections.length === 0 ? 'e.g. Risks, then Enter' : ''}
          maxTags={12}
          maxLength={80}
          {...form.getInputProps('sections')}
        />
        <div>
          <SectionTitle
            note="critics and scorers judge by these; weights are relative"
            aside={
              <Button
                size="sm"
                variant="quiet"
                icon="plus"
                reason={values.rubric.length >= maxCriteria ? `At most ${maxCriteria}.` : undefined}
                onClick={() => form.insertListItem('rubric', newCriterion())}
              >
                Criterion
              </Button>
            }
          >
            Rubric
          </SectionTitle>
          <ul className="criteria">
            {values.rubric.map((criterion, at) => (
              <li key={criterion.key}>
                <TextInput
                  aria-label={`Criterion ${at + 1}`}
                  placeholder="Correctness"
                  maxLength={60}
                  {...form.getInputProps(`rubric.${at}.name`)}
                />
                <NumberInput
                  aria-label={`Weight of criterion ${at + 1}`}
                  min={0}
                  max={1000}
                  decimalScale={3}
                  {...form.getInputProps(`rubric.${at}.weight`)}
                />
                <Tag title="Its part of the score">{percent(shareOf(values, at))}</Tag>
                <TextInput
                  aria-label={`What criterion ${at + 1} means`}
                  placeholder="What a good answer does here"
                  maxLength={500}
                  {...form.getInputProps(`rubric.${at}.description`)}
                />
                <Button
                  size="sm"
                  variant="quiet"
                  icon="close"
                  label={`Remove criterion ${at + 1}`}
                  reason={values.rubric.length === 1 ? 'A rubric needs one criterion.' : undefined}
                  onClick={() => form.removeListItem('rubric', at)}
                />
              </li>
            ))}
          </ul>
        </div>
        {isChangedElsewhere && <ChangedElsewhere what="This role" onKeep={keepMine} onTake={takeTheirs} />}
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
              stored !== null && !form.isDirty() ? 'Nothing was changed.' : isChangedElsewhere ? changedElsewhere : undefined
            }
          >
            Save the role
          </Button>
          {form.isDirty() && (
            <Button variant="quiet" onClick={form.reset}>
              Discard changes
            </Button>
          )}
        </div>
      </form>
      {resetting && stored !== null && (
        <FormDialog
          title={stored.builtin ? `Reset ${stored.title} to what was shipped?` : `Remove ${stored.title}?`}
          confirm={stored.builtin ? 'Reset it' : 'Remove it'}
          danger
          onConfirm={async () => {
            await host.settings.resetRole({ name: stored.name })
            takeTheirs()
            onSaved(stored.builtin ? stored.name : '')
          }}
          onClose={() => setResetting(false)}
        >
          <p className="t12 fg2">
            Your persona and {stored.rubric.length} criteria are lost. Runs that were launched with them keep their copy.
          </p>
        </FormDialog>
      )}
    </Panel>
  )
}
