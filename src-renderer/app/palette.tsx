import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { chordFor, type Action, type Overrides } from '../lib/actions.ts'
import { useConsole, useHost } from '../lib/console.tsx'
import { runRoute } from '../lib/routes.ts'
import type { RunRow as Run } from '../lib/run-words.ts'
import { usePreferences } from '../lib/shared-streams.tsx'
import { useActionState } from '../lib/use-actions.ts'
import { Icon, Shape } from '../ui/icons.tsx'
import { Kbd } from '../ui/kbd.tsx'
import './palette.css'
import { isCloseMatch, matchActions } from './palette-match.ts'

const [paletteStore, openers] = createSpotlight()
export const palette = openers

const runsShown = 8

/** Pages, actions and runs behind one box. */
export function Palette() {
  const [query, setQuery] = useState('')
  const { actions } = useActionState()
  const { preferences } = usePreferences()
  const [searched] = useDebouncedValue(query.trim(), 120)
  const runs = useRuns(searched)
  const matches = matchActions(
    actions.filter((action) => action.id !== 'palette.open'),
    query,
  )
  const close = matches.filter((action) => isCloseMatch(action, query))
  const far = matches.filter((action) => !close.includes(action))
  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
      title="Command palette"
      transitionProps={{ duration: 0 }}
      overlayProps={{ blur: 0 }}
    >
      <Spotlight.Search
        placeholder="Search or run a command"
        leftSection={<Icon name="search" />}
        aria-label="Search or run a command"
      />
      <Spotlight.ActionsList>
        {matches.length === 0 && runs.length === 0 && (
          <Spotlight.Empty>No page, action or run matches. Runs are searched by title, id and role.</Spotlight.Empty>
        )}
        <ActionGroups actions={runs.length > 0 ? close : matches} overrides={preferences.shortcuts} />
        {runs.length > 0 && (
          <Spotlight.ActionsGroup label="Runs">
            {runs.map((run) => (
              <RunRow key={run.task_id} run={run} />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {runs.length > 0 && <ActionGroups actions={far} overrides={preferences.shortcuts} />}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function ActionGroups({ actions, overrides }: { actions: readonly Action[]; overrides: Overrides }) {
  return [...Map.groupBy(actions, (action) => action.group)].map(([group, members]) => (
    <Spotlight.ActionsGroup key={group} label={group}>
      {members.map((action) => (
        <ActionRow key={action.id} action={action} overrides={overrides} />
      ))}
    </Spotlight.ActionsGroup>
  ))
}

function ActionRow({ action, overrides }: { action: Action; overrides: Overrides }) {
  const { actions } = useConsole()
  const chord = chordFor(action, overrides)
  const off = action.available !== true
  return (
    <Spotlight.Action closeSpotlightOnTrigger={!off} aria-disabled={off || undefined} onClick={() => void actions.run(action.id)}>
      <span className={off ? 'cut fg3' : 'cut'}>{action.title}</span>
      {action.about !== undefined && <span className="cut t11 fg3">{action.about}</span>}
      {action.available !== true && <span className="cut t11 fg3">{action.available.reason}</span>}
      <span className="push">{chord !== null && <Kbd chord={chord} />}</span>
    </Spotlight.Action>
  )
}

function RunRow({ run }: { run: Run }) {
  const [, navigate] = useLocation()
  const shape =
    run.status === 'COMPLETED' ? 'good' : run.status === 'IN_PROGRESS' ? 'run' : run.status === 'FAILED' ? 'bad' : 'off'
  return (
    <Spotlight.Action onClick={() => navigate(runRoute(run.task_id))}>
      <Shape name={shape} />
      <span className="cut">{run.title}</span>
      <span className="push t11 mono fg3">{run.task_id}</span>
    </Spotlight.Action>
  )
}

/** The runs that match, newest first, from the host: one snapshot a query. */
function useRuns(text: string): readonly Run[] {
  const host = useHost()
  const [runs, setRuns] = useState<readonly Run[]>([])
  useEffect(() => {
    if (text.length < 2) return setRuns([])
    const abort = new AbortController()
    const search = async () => {
      const { rows } = await host.deliberation.find({ query: { filter: { text } }, limit: runsShown }, abort.signal)
      setRuns(rows)
    }
    // Without the host there are no runs to find; the banner already says why.
    search().catch(() => abort.signal.aborted || setRuns([]))
    return () => abort.abort()
  }, [host, text])
  return runs
}
