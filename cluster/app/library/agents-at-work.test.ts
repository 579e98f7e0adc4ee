import { expect, it } from 'vitest'
import { decideSubmit } from '../../domain/deliberation/index.ts'
import { applyEvents } from '../../domain/deliberation/state.ts'
import { sampleBaseline, sampleSpec } from '../../domain/deliberation/sample-runs.ts'
import { agentsAtWork } from './agents-at-work.ts'

const started = (more: Parameters<typeof sampleSpec>[0]) => applyEvents(undefined, [...decideSubmit(sampleSpec(more))], 0)
const ids = (numbers: readonly number[]) => new Set(numbers.map((n) => `agent-developer-00${n}`))

it('counts those of a council who are asked in any of its runs, each once, and no samplers of a baseline', () => {
  const runs = [
    started({ task_id: 'a', council_id: 'pair', count: 2, baseline: sampleBaseline(3) }),
    started({ task_id: 'b', council_id: 'pair', count: 3 }),
    started({ task_id: 'c', council_id: 'lone', count: 1 }),
    started({ task_id: 'd' }),
  ]
  expect(agentsAtWork(runs)).toEqual(
    new Map([
      ['pair', ids([1, 2, 3])],
      ['lone', ids([1])],
    ]),
  )
})
