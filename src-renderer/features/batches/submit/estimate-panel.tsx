import type { BatchEstimate } from '../../../../src-preload/contract/batch.ts'
import * as format from '../../../lib/format.ts'
import { Absent } from '../../../ui/absent.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { KeyValue } from '../../../ui/key-value.tsx'
import { Panel } from '../../../ui/panel.tsx'

/** What the batch will take, and how full that makes its window. */
export function BatchEstimatePanel({ estimate, pending }: { estimate: BatchEstimate | null; pending: boolean }) {
  if (estimate === null)
    return (
      <Panel title="Estimate">
        <EmptyState title={pending ? 'Estimating…' : 'Tokens, cost and end will be here'}>
          Once the file is read and every line is sound.
        </EmptyState>
      </Panel>
    )
  const { requests, tokens_in, tokens_out, cost_micro_usd, duration_ms, wait_ms, admission, basis } = estimate
  const unknown = <Absent reason="no rate of this model was ever measured" />
  const capacity = admission.capacity_tokens
  return (
    <Panel title="Estimate">
      <div className="stack gap-2">
        <KeyValue
          rules
          items={[
            ['Requests', format.integer(requests)],
            ['Tokens in', format.tokens(tokens_in)],
            ['Tokens out', range(tokens_out, format.tokens)],
            ['Cost', range(cost_micro_usd, format.cost)],
            ['Runs for', duration_ms === null ? unknown : range(duration_ms, format.duration)],
            ['Waits for', wait_ms === null ? unknown : wait_ms === 0 ? 'nothing' : format.duration(wait_ms)],
            [
              'Room in its window',
              capacity === null
                ? unknown
                : `${format.tokens(admission.pending_tokens + admission.new_tokens)} of ${format.tokens(capacity)} tokens`,
            ],
            ...(admission.verdict !== 'accept' && admission.earliest_window_hours !== null
              ? [['Shortest window that fits', `${admission.earliest_window_hours} h`] as const]
              : []),
          ]}
        />
        <p className="t12 fg2">{basis}</p>
      </div>
    </Panel>
  )
}

function range([likely, worst]: readonly [number, number], words: (value: number) => string): string {
  return likely === worst ? words(likely) : `${words(likely)} (up to ${words(worst)})`
}
