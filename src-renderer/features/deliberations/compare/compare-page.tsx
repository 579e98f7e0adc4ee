import { Select } from '@mantine/core'
import { useSearchParams } from 'wouter'
import * as format from '../../../lib/format.ts'
import { routes, runRoute } from '../../../lib/routes.ts'
import { useActions } from '../../../lib/use-actions.ts'
import { useNewestRuns } from '../../../lib/use-runs.ts'
import { AreaCrumb } from '../../../ui/area-crumb.tsx'
import { ActionButton } from '../../../ui/action-button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Page, PageContent, PageHeader } from '../../../ui/page.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { RouteLink } from '../../../ui/route-link.tsx'
import { TextDiff } from '../board/diff-view.tsx'
import { differences, draftOfRun, settingsOf, type Difference } from '../launch/rerun.ts'
import type { Board } from '../shapes.ts'
import { useRun } from '../use-run.ts'
import './compare-page.css'
import { compareVerdict, measuresOf, scoresOf, winnerOf, type Measure } from './comparison.ts'

/** Two runs side by side: what was set differently, and what came of it. */
export function ComparePage() {
  const [params, setParams] = useSearchParams()
  const a = params.get('a')
  const b = params.get('b')
  const choose = (side: 'a' | 'b', id: string | null) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        if (id === null) next.delete(side)
        else next.set(side, id)
        return next
      },
      { replace: true },
    )
  const left = useRun(a)
  const right = useRun(b)
  const both = left.run && right.run ? { a: left.run, b: right.run } : null
  const verdict = both ? compareVerdict(both.a, both.b) : null
  useActions([
    {
      id: 'compare.swap',
      title: 'Swap the sides',
      group: 'Compare',
      shortcut: 's',
      available: a === null || b === null ? { reason: 'Choose two runs first.' } : true,
      run: () => setParams({ a: b ?? '', b: a ?? '' }, { replace: true }),
    },
  ])
  const failure = left.failure ?? right.failure
  return (
    <Page>
      <PageHeader
        crumb={
          <AreaCrumb to={routes.deliberations} area="Deliberations">
            <span className="fg2">Compare</span>
          </AreaCrumb>
        }
        verdict={verdict?.sentence ?? (failure === null ? 'Choose two runs to compare' : 'One of the runs cannot be read')}
        shape={failure === null ? undefined : 'bad'}
        tone={failure === null ? undefined : 'bad'}
        why={failure ?? verdict?.why}
        actions={<ActionButton id="compare.swap" />}
      />
      <PageContent>
        <div className="compare-choice">
          <RunChoice label="A" value={a} onChange={(id) => choose('a', id)} />
          <RunChoice label="B" value={b} onChange={(id) => choose('b', id)} />
        </div>
        {both ? <Comparison a={both.a} b={both.b} /> : <EmptyState title="Two runs side by side">{MISSING}</EmptyState>}
      </PageContent>
    </Page>
  )
}

const MISSING =
  'Their settings, winners, scores by criterion, checks, tokens, cost and time will stand here. Choose them above, or press V on the page of a run.'

function RunChoice({ label, value, onChange }: { label: string; value: string | null; onChange: (id: string | null) => void }) {
  const rows = useNewestRuns().value?.rows ?? []
  const known = rows.map((row) => ({ value: row.task_id, label: `${row.title} (${row.task_id})` }))
  const data = value === null || known.some((each) => each.value === value) ? known : [{ value, label: value }, ...known]
  return (
    <Select
      label={`Run ${label}`}
      placeholder="Type a title or an id"
      data={data}
      value={value}
      onChange={onChange}
      searchable
      limit={50}
      nothingFoundMessage="None among the newest runs"
    />
  )
}

function Comparison({ a, b }: { a: Board; b: Board }) {
  const settings = differences(settingsOf(draftOfRun(a.spec)), settingsOf(draftOfRun(b.spec)))
  const winners = { a: winnerOf(a), b: winnerOf(b) }
  return (
    <>
      <Panel
        title="Settings"
        note={settings.length === 0 ? 'the same in both' : format.counted(settings.length, 'setting differs', 'settings differ')}
        flush
      >
        {settings.length > 0 && <Settings differences={settings} />}
      </Panel>
      <Panel title="What came of it" note="A first, then B" flush>
        <Measures label="What came of it" a={a} b={b} measures={measuresOf(a, b)} />
      </Panel>
      <Panel title="Scores of the winners" note="by criterion, 0 to 1" flush>
        <Measures label="Scores of the winners" a={a} b={b} measures={scoresOf(a, b)} />
      </Panel>
      <Panel title="The winners’ texts">
        {winners.a && winners.b ? (
          <>
            {(winners.a.content_ref ?? winners.b.content_ref) && (
              <p className="t12 fg2">Large texts: only their beginnings are compared here.</p>
            )}
            <TextDiff
              title={`${winners.a.agent_id} in A to ${winners.b.agent_id} in B`}
              before={winners.a.content}
              after={winners.b.content}
            />
          </>
        ) : (
          <p className="t12 fg2">
            {winners.a ? 'B has no winner.' : winners.b ? 'A has no winner.' : 'Neither run has a winner.'}
          </p>
        )}
      </Panel>
    </>
  )
}

function Settings({ differences: rows }: { differences: readonly Difference[] }) {
  return (
    <table className="data-table compare-table" aria-label="Settings that differ">
      <Head />
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td className="compare-text">{row.before ?? <span className="fg3">not there</span>}</td>
            <td className="compare-text">{row.after ?? <span className="fg3">not there</span>}</td>
            <td />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Measures({ label, a, b, measures }: { label: string; a: Board; b: Board; measures: readonly Measure[] }) {
  return (
    <table className="data-table compare-table" aria-label={label}>
      <Head a={a} b={b} />
      <tbody>
        {measures.map((measure) => (
          <tr key={measure.name}>
            <th scope="row">{measure.name}</th>
            <td>{measure.a ?? <span className="fg3">–</span>}</td>
            <td>{measure.b ?? <span className="fg3">–</span>}</td>
            <td className="fg2">{measure.difference}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Head({ a, b }: { a?: Board | undefined; b?: Board | undefined }) {
  return (
    <thead>
      <tr>
        <th scope="col" className="compare-name">
          <span className="sr">What</span>
        </th>
        <th scope="col">A {a && <RunLink board={a} />}</th>
        <th scope="col">B {b && <RunLink board={b} />}</th>
        <th scope="col" className="compare-difference">
          {a && 'B against A'}
          {!a && <span className="sr">Remarks</span>}
        </th>
      </tr>
    </thead>
  )
}

function RunLink({ board }: { board: Board }) {
  return (
    <RouteLink to={runRoute(board.row.task_id)} className="link mono">
      {board.row.task_id}
    </RouteLink>
  )
}
