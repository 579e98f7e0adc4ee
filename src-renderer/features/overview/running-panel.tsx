import { useLocation } from 'wouter'
import type { ModelsView } from '../../../src-preload/contract/model.ts'
import { useNow } from '../../lib/clock.ts'
import { duration, percent } from '../../lib/format.ts'
import { routes, runRoute } from '../../lib/routes.ts'
import { nowWords, runState, type RunRow } from '../../lib/run-words.ts'
import { servedModels } from '../../lib/use-models.ts'
import { Absent } from '../../ui/absent.tsx'
import { ActionButton } from '../../ui/action-button.tsx'
import { Chip, Tag } from '../../ui/chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Meter } from '../../ui/meter.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Cost, Time } from '../../ui/quantities.tsx'
import { RouteLink } from '../../ui/route-link.tsx'
import { DataTable, type Column } from '../../ui/table.tsx'

interface RunningPanelProps {
  runs: readonly RunRow[]
  /** Runs that are already shown among what needs a person. */
  above: number
  known: boolean
  /** There never was a run. */
  first: boolean
  stale: boolean
  models: ModelsView | null
}

export function RunningPanel({ runs, above, known, first, stale, models }: RunningPanelProps) {
  const [, navigate] = useLocation()
  const note = above > 0 ? `${runs.length} more; the ${above} above ${above === 1 ? 'is' : 'are'} not repeated` : undefined
  return (
    <Panel
      title="Running work"
      note={note}
      aside={<RouteLink to={`${routes.deliberations}?view=Running`}>All that run</RouteLink>}
      flush
    >
      {runs.length > 0 && (
        <DataTable
          label="Running work"
          columns={columns}
          rows={runs}
          rowKey={(run) => run.task_id}
          stale={stale}
          onOpen={(run) => navigate(runRoute(run.task_id))}
        />
      )}
      {runs.length === 0 && known && <NothingRuns first={first} above={above} models={models} />}
      {!known && <EmptyState title="The list of runs has not arrived yet" />}
    </Panel>
  )
}

function NothingRuns({ first, above, models }: { first: boolean; above: number; models: ModelsView | null }) {
  if (above > 0) return <EmptyState title="Nothing else is running" />
  if (!first) {
    return (
      <EmptyState title="Nothing is running" actions={<ActionButton id="deliberation.launch" size="sm" />}>
        Runs appear here with their phase, their expected end and what is left until their deadline.
      </EmptyState>
    )
  }
  const served = models === null ? [] : servedModels(models)
  const hint =
    served.length === 0
      ? 'A run can be written now and launched as soon as a model is ready.'
      : served.every((model) => model.starter)
        ? 'The starter model is good for seeing the flow; its answers are too weak for use.'
        : 'Nothing is sent to a model before you have seen what the run would take.'
  return (
    <EmptyState title="No run yet" actions={<ActionButton id="deliberation.launch" size="sm" />}>
      Several agents answer one task, criticise and revise each other's answers, score them blind, and the best is picked with its
      reason. {hint}
    </EmptyState>
  )
}

const columns: readonly Column<RunRow>[] = [
  {
    id: 'state',
    header: 'State',
    width: '92px',
    cell: (run) => {
      const { word, tone, shape } = runState(run)
      return (
        <Chip plain={tone === 'info' || tone === 'neutral'} tone={tone} shape={shape}>
          {word}
        </Chip>
      )
    },
  },
  {
    id: 'work',
    header: 'Work',
    cell: (run) => (
      <span className="row">
        <RouteLink to={runRoute(run.task_id)} className="med cut">
          {run.title}
        </RouteLink>
        {run.starter && <Tag title="The starter model takes part: for trying the flow, too weak for real answers">starter</Tag>}
      </span>
    ),
  },
  { id: 'now', header: 'Now', width: '140px', cell: (run) => <span className="fg2">{nowWords(run)}</span> },
  {
    id: 'progress',
    header: 'Progress',
    width: '100px',
    cell: (run) => (
      <span className="row">
        <Meter
          label={`${run.steps_done} of ${run.steps_total} phases closed`}
          parts={[{ value: run.steps_done }]}
          max={run.steps_total}
        />
        <span className="push">{percent(run.steps_done / run.steps_total)}</span>
      </span>
    ),
  },
  {
    id: 'end',
    header: 'Expected',
    width: '72px',
    num: true,
    cell: (run) =>
      run.expected_end === null ? <Absent reason="Its end is still being estimated." /> : <Time at={run.expected_end} />,
  },
  { id: 'deadline', header: 'Deadline', width: '72px', num: true, cell: (run) => <Time at={run.deadline} /> },
  { id: 'spare', header: 'Spare', width: '76px', num: true, wide: true, cell: (run) => <Spare run={run} /> },
  { id: 'cost', header: 'Cost', width: '66px', num: true, cell: (run) => <Cost microUsd={run.cost_micro_usd} kind="settled" /> },
]

/** Time between the expected end, or now, and the deadline. */
function Spare({ run }: { run: RunRow }) {
  const now = useNow()
  const left = run.deadline - Math.max(run.expected_end ?? now, now)
  return left < 0 ? <span className="bad">{duration(-left)} late</span> : <>{duration(left)}</>
}
