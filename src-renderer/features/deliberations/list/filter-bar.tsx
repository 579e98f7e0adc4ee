import { Menu } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useHost } from '../../../lib/console.tsx'
import { useActions } from '../../../lib/use-actions.ts'
import { useStream } from '../../../lib/use-stream.ts'
import { Icon } from '../../../ui/icons.tsx'
import { Kbd } from '../../../ui/kbd.tsx'
import type { Role } from '../shapes.ts'
import './filter-bar.css'
import { choices, fields, looksLikeCondition, termsOf, textOf, withTerm, type Field, type Term } from './query-text.ts'

interface FilterBarProps {
  text: string
  problems: readonly string[]
  onChange: (text: string) => void
}

/** The query as text and as conditions that can be taken away: two faces of one text. */
export function FilterBar({ text, problems, onChange }: FilterBarProps) {
  const terms = termsOf(text)
  const words = looksLikeCondition(text)
  const conditions = terms.filter((term) => term.field !== null)
  return (
    <div className="filter-bar">
      <div className="filter-terms" role="group" aria-label="Conditions">
        {conditions.map((term, index) => (
          <TermChip
            key={`${term.field ?? ''}:${term.value}:${index}`}
            term={term}
            onRemove={() => onChange(textOf(terms.filter((one) => one !== term)))}
          />
        ))}
        <AddCondition text={text} onChange={onChange} />
        {words.length > 0 && (
          <span className="t12 fg2" role="status" title={`There are ${fields.join(', ')}.`}>
            {words.join(', ')} is no condition: looked for as {words.length === 1 ? 'a word' : 'words'}
          </span>
        )}
        {problems.length > 0 && (
          <span className="filter-problem" role="alert" title={problems.join('. ')}>
            Not understood: {problems[0]}
          </span>
        )}
      </div>
      <QueryBox text={text} onChange={onChange} />
    </div>
  )
}

function TermChip({ term, onRemove }: { term: Term; onRemove: () => void }) {
  return (
    <span className="term-chip">
      <span className="fg3">{term.field}</span> {term.value.replaceAll(',', ', ')}
      <button type="button" aria-label={`Without ${term.field ?? ''} ${term.value}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  )
}

function QueryBox({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  // The address follows what is typed; where it differs otherwise, somebody took a chip away or opened a view.
  const sent = useRef(text)
  useEffect(() => {
    if (text !== sent.current) setTyped(text)
    sent.current = text
  }, [text])
  useActions([
    {
      id: 'deliberations.search',
      title: 'Filter the deliberations',
      group: 'Deliberation',
      shortcut: '/',
      available: true,
      run: () => input.current?.focus(),
    },
  ])
  return (
    <label className="run-search">
      <Icon name="search" />
      <span className="sr">Filter: words of title, id or role, or conditions such as status:running</span>
      <input
        ref={input}
        type="search"
        value={typed}
        placeholder="title, id, role; or status:running"
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setTyped(event.target.value)
          sent.current = event.target.value
          onChange(event.target.value)
        }}
      />
      <Kbd chord="/" />
    </label>
  )
}

const labels: Readonly<Record<Field, string>> = {
  status: 'Status',
  role: 'Role',
  model: 'Model',
  outcome: 'Outcome',
  archived: 'Archived',
  after: 'Started after',
  before: 'Started before',
}

function AddCondition({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [opened, setOpened] = useState(false)
  return (
    <Menu position="bottom-start" opened={opened} onChange={setOpened}>
      <Menu.Target>
        <button type="button" className="btn quiet sm">
          <Icon name="plus" /> Filter
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {opened && <Conditions onChoose={(field, value) => onChange(withTerm(text, field, value))} />}
      </Menu.Dropdown>
    </Menu>
  )
}

/** What can be added, from what the host knows; read when the menu opens. */
function Conditions({ onChoose }: { onChoose: (field: Field, value: string) => void }) {
  const host = useHost()
  const [models, setModels] = useState<readonly string[]>([])
  useEffect(() => {
    const abort = new AbortController()
    host.deliberation
      .listTerms({}, abort.signal)
      .then((terms) => setModels(terms.models))
      // Without the host the fixed choices remain; the banner says why.
      .catch(() => undefined)
    return () => abort.abort()
  }, [host])
  const roles = useStream('roles', {
    open: (signal) => host.settings.watchRoles({}, signal),
    fold: (_: readonly Role[] | null, update) => update.roles,
  })
  const values: Partial<Readonly<Record<Field, readonly string[]>>> = {
    ...choices,
    model: models,
    role: roles.value?.map((role) => role.name) ?? [],
  }
  return (
    <div className="filter-menu">
      {fields.map((field) => {
        const offered = values[field] ?? []
        return offered.length === 0 ? null : (
          <div key={field}>
            <Menu.Label>{labels[field]}</Menu.Label>
            {offered.map((value) => (
              <Menu.Item key={value} onClick={() => onChoose(field, value)}>
                {value}
              </Menu.Item>
            ))}
          </div>
        )
      })}
    </div>
  )
}
