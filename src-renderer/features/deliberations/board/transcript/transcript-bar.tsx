import { memo, useEffect, useMemo, useRef, useState } from 'react'
import * as format from '../../../../lib/format.ts'
import { useActions } from '../../../../lib/use-actions.ts'
import { Button } from '../../../../ui/button.tsx'
import { Icon } from '../../../../ui/icons.tsx'
import { Kbd } from '../../../../ui/kbd.tsx'
import { capitalised, phaseName } from '../../phase-words.ts'
import type { Board } from '../../shapes.ts'
import { isFiltered, type TranscriptFilter } from './filter.ts'
import type { Flag } from './message-flags.ts'

interface TranscriptBarProps {
  board: Board
  filter: TranscriptFilter
  onFilter: (filter: TranscriptFilter) => void
  shown: number
  total: number
  onNext: (kind: Flag['kind']) => void
  onLatest: () => void
}

/** Which messages, and ways to those that matter. */
export function TranscriptBar({ board, filter, onFilter, shown, total, onNext, onLatest }: TranscriptBarProps) {
  const { spec } = board
  const phases = [...new Set(board.phases.map((phase) => phase.phase))]
  const agentOptions = useMemo(
    () => [...spec.agents, ...(spec.architect ? [spec.architect] : [])].map(({ agent_id: id }) => [id, id] as const),
    [spec],
  )
  const roundOptions = useMemo(
    () => Array.from({ length: spec.rounds }, (_, at) => [String(at + 1), `Round ${at + 1}`] as const),
    [spec],
  )
  return (
    <div className="transcript-bar">
      <Search text={filter.text} onChange={(text) => onFilter({ ...filter, text })} />
      <Choice
        label="Agent"
        all="All agents"
        value={filter.agentId}
        options={agentOptions}
        onChange={(agentId) => onFilter({ ...filter, agentId })}
      />
      <Choice
        label="Phase"
        all="All phases"
        value={filter.phase}
        options={phases.map((phase) => [phase, capitalised(phaseName(phase))])}
        onChange={(phase) => onFilter({ ...filter, phase: phases.find((each) => each === phase) ?? null })}
      />
      {spec.rounds > 1 && (
        <Choice
          label="Round"
          all="All rounds"
          value={filter.round === null ? null : String(filter.round)}
          options={roundOptions}
          onChange={(round) => onFilter({ ...filter, round: round === null ? null : Number(round) })}
        />
      )}
      <label className="row t12 nowrap">
        <input
          type="checkbox"
          checked={filter.onlyFlagged}
          onChange={(event) => onFilter({ ...filter, onlyFlagged: event.target.checked })}
        />
        Only problems
      </label>
      <span className="t12 fg3 nowrap" role="status">
        {isFiltered(filter) ? `${format.integer(shown)} of ${format.integer(total)}` : format.integer(total)}
        <span className="when-wide"> messages</span>
      </span>
      <span className="row push transcript-jumps">
        <Button size="sm" variant="quiet" shortcut="f" onClick={() => onNext('failure')}>
          Failure
        </Button>
        <Button size="sm" variant="quiet" shortcut="d" onClick={() => onNext('disagreement')}>
          Disagreement
        </Button>
        <Button size="sm" variant="quiet" onClick={onLatest}>
          Latest
        </Button>
      </span>
    </div>
  )
}

function Search({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  useEffect(() => setTyped(text), [text])
  useActions([
    {
      id: 'transcript.search',
      title: 'Search what was said',
      group: 'Transcript',
      shortcut: '/',
      available: true,
      run: () => input.current?.focus(),
    },
  ])
  return (
    <label className="transcript-search">
      <Icon name="search" />
      <span className="sr">Search what was said</span>
      <input
        ref={input}
        type="search"
        value={typed}
        placeholder="Search what was said"
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value)
          onChange(event.target.value)
        }}
      />
      <Kbd chord="/" />
    </label>
  )
}

type Options = readonly (readonly [value: string, words: string])[]

interface ChoiceProps {
  label: string
  all: string
  value: string | null
  options: Options
  onChange: (value: string | null) => void
}

/** A filter among few values; the browser's own list, because it works by typing and in every window. */
function Choice({ label, all, value, options, onChange }: ChoiceProps) {
  return (
    <select
      className="transcript-choice"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
    >
      <option value="">{all}</option>
      <ChoiceOptions options={options} />
    </select>
  )
}

/** Drawn again for other options only: the bar is drawn for each message that comes. */
const ChoiceOptions = memo(function ChoiceOptions({ options }: Pick<ChoiceProps, 'options'>) {
  return options.map(([each, words]) => (
    <option key={each} value={each}>
      {words}
    </option>
  ))
})
