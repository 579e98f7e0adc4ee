import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Shape } from '../../../ui/icons.tsx'
import { KeyValue } from '../../../ui/key-value.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { Panel } from '../../../ui/panel.tsx'
import { longPhaseLabel } from '../phase-words.ts'
import type { Estimate, EstimateReply } from '../shapes.ts'
import type { Draft } from './draft.ts'
import { EstimateChart } from './estimate-chart.tsx'
import type { Readiness } from './launch-verdict.ts'

/** What the launch will take, beside the form. The last answer stays while a newer one is on its way. */
export function EstimatePanel({
  reply,
  pending,
  readiness,
}: {
  reply: EstimateReply | null
  pending: boolean
  readiness: Readiness
}) {
  if (reply === null) {
    return (
      <Panel title="Estimate" flush>
        <EmptyState title="What it will take">{emptyWords(readiness)}</EmptyState>
      </Panel>
    )
  }
  const { estimate } = reply
  return (
    <Panel
      title="Estimate"
      note={pending ? 'working it out again' : estimate.basis}
      className={pending ? 'estimate dim' : 'estimate'}
      flush
    >
      {estimate.duration_ms !== null && (
        <EstimateChart durationMs={estimate.duration_ms} worstMs={estimate.duration_worst_ms} limitMs={reply.timeout_ms} />
      )}
      <PhasesTable estimate={estimate} />
      {estimate.duration_ms === null && (
        <p className="estimate-note">Times are unknown until this model has been measured; its first run measures it.</p>
      )}
    </Panel>
  )
}

function emptyWords(readiness: Readiness): string {
  switch (readiness.kind) {
    case 'no-model':
      return 'Calls, tokens, time and cost by phase, once a model is there.'
    case 'fault':
      return 'Calls, tokens, time and cost by phase, once the form can be read.'
    case 'no-task':
    case 'estimating':
    case 'estimated':
      return 'Calls, tokens, time and cost by phase, as soon as there is a task.'
  }
}

const UNKNOWN = 'unknown until this model has been measured'

function PhasesTable({ estimate }: { estimate: Estimate }) {
  return (
    <table className="data-table phases-table" aria-label="Estimate by phase">
      <thead>
        <tr>
          <th scope="col">Phase</th>
          <th scope="col" className="num">
            Calls
          </th>
          <th scope="col" className="num">
            Tok in
          </th>
          <th scope="col" className="num">
            Tok out
          </th>
          <th scope="col" className="num">
            Time
          </th>
          <th scope="col" className="num">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {estimate.phases.map((phase) => (
          <CostRow key={`${phase.round}.${phase.phase}`} name={longPhaseLabel(phase.phase, phase.round)} cost={phase} />
        ))}
        {estimate.baseline !== null && <CostRow name="Baseline, beside the debate" cost={estimate.baseline} />}
        <tr className="total">
          <td>Total</td>
          <td className="num">{estimate.calls}</td>
          <td className="num">{thousands(estimate.tokens_in)}</td>
          <td className="num">{thousands(estimate.tokens_out)}</td>
          <td className="num">
            {estimate.duration_ms === null ? <Absent reason={UNKNOWN} /> : format.duration(estimate.duration_ms)}
          </td>
          <td className="num">{format.cost(estimate.cost_micro_usd)}</td>
        </tr>
      </tbody>
    </table>
  )
}

function CostRow({ name, cost }: { name: string; cost: NonNullable<Estimate['baseline']> }) {
  return (
    <tr>
      <td>{name}</td>
      <td className="num">{cost.calls}</td>
      <td className="num fg2">{cost.calls === 0 ? <Absent reason="no model is called" /> : thousands(cost.tokens_in)}</td>
      <td className="num fg2">{cost.calls === 0 ? <Absent reason="no model is called" /> : thousands(cost.tokens_out)}</td>
      <td className="num fg2">{cost.duration_ms === null ? <Absent reason={UNKNOWN} /> : format.duration(cost.duration_ms)}</td>
      <td className="num fg2">{cost.calls === 0 ? <Absent reason="no model is called" /> : format.cost(cost.cost_micro_usd)}</td>
    </tr>
  )
}

/** `5.1 k`: an estimate is not known to the token. */
function thousands(count: number): string {
  return count < 1000 ? format.integer(count) : `${(count / 1000).toFixed(1)} k`
}

/** Problems and warnings in the host's words. */
export function RemarksPanel({ reply }: { reply: EstimateReply | null }) {
  if (reply === null || reply.problems.length + reply.warnings.length === 0) return null
  return (
    <Panel title="To know before launch">
      <ul className="remarks">
        {reply.problems.map((text) => (
          <li key={text}>
            <Shape name="bad" />
            <span>{text}</span>
          </li>
        ))}
        {reply.warnings.map((text) => (
          <li key={text}>
            <Shape name="warn" />
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** How much of each limit the run may use at worst, and what a launch sets going. */
export function LaunchEffects({ reply, draft }: { reply: EstimateReply; draft: Draft }) {
  const { estimate, timeout_ms } = reply
  const worst = estimate.duration_worst_ms
  return (
    <>
      <Panel title="Against the limits" note="pale: at worst">
        <div className="limit-rows">
          {estimate.duration_ms !== null && worst !== null && (
            <LimitRow
              name="Time"
              likely={estimate.duration_ms}
              worst={worst}
              limit={timeout_ms}
              words={`${format.duration(worst)} of ${format.duration(timeout_ms)}`}
            />
          )}
          <LimitRow
            name="Tokens"
            likely={estimate.tokens_in + estimate.tokens_out}
            worst={estimate.tokens_in + estimate.tokens_out}
            limit={draft.tokens}
            words={
              draft.tokens === null
                ? `${format.tokens(estimate.tokens_in + estimate.tokens_out)}, no limit`
                : `${format.tokens(estimate.tokens_in + estimate.tokens_out)} of ${format.tokens(draft.tokens)}`
            }
          />
          <LimitRow
            name="Cost"
            likely={estimate.cost_micro_usd}
            worst={estimate.cost_worst_micro_usd}
            limit={draft.costUsd === null ? null : draft.costUsd * 1_000_000}
            words={
              draft.costUsd === null
                ? `${format.cost(estimate.cost_worst_micro_usd)}, no limit`
                : `${format.cost(estimate.cost_worst_micro_usd)} of ${format.cost(draft.costUsd * 1_000_000)}`
            }
          />
        </div>
      </Panel>
      <Panel title="What launch does">
        <KeyValue
          items={[
            [
              'Sends',
              `${format.counted(estimate.calls, 'call')} to ${new Set(draft.agents.map((agent) => agent.model)).size === 1 ? 'one model' : 'the models above'}`,
            ],
            ['Ends', `ranked, or after ${format.duration(timeout_ms)} with what is there`],
            ['Can be stopped', 'at any time; finished texts are kept'],
          ]}
        />
      </Panel>
    </>
  )
}

function LimitRow({
  name,
  likely,
  worst,
  limit,
  words,
}: {
  name: string
  likely: number
  worst: number
  limit: number | null
  words: string
}) {
  const over = limit !== null && worst > limit
  const tone = over ? 'warn' : undefined
  return (
    <div className="limit-row">
      <span className="fg2">{name}</span>
      {limit === null ? (
        <span />
      ) : (
        <Meter
          label={`${name}: ${words}`}
          parts={[
            { value: likely, tone },
            { value: Math.max(0, Math.min(worst, limit) - likely), soft: true, tone },
          ]}
          max={limit}
        />
      )}
      <span className={over ? 'num warn' : 'num'}>{words}</span>
    </div>
  )
}
