import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  listedStatus,
  runFilter,
  runQuery,
  runSortKey,
  type RunFilter,
  type RunOrder,
  type RunQuery,
} from '../../messages/deliberation-query.ts'
import { createPartStore } from './parts.ts'
import { runList } from './run-list.ts'
import { deliberationTables } from './tables.ts'

const t = (name: string): string => `v1_${name}`

interface Run {
  readonly task_id: string
  readonly title: string
  readonly role: string
  readonly status: string
  readonly models: readonly string[]
  readonly outcome: string | null
  readonly archived: number
  readonly created_at: number
  readonly ended_at: number | null
  readonly num_agents: number
  readonly leader_id: string | null
  readonly score: number | null
  readonly cost_micro_usd: number
}

function listOf(runs: readonly Run[]) {
  const db = new Database(':memory:')
  db.exec(deliberationTables(t))
  const store = createPartStore(db, t)
  for (const { models, ...run } of runs) {
    const words = [run.title, run.task_id, run.role].join('\n').toLowerCase()
    store.insertRun({ ...run, words, deadline: run.created_at + 1000, models: JSON.stringify(models) }, models)
  }
  return { list: runList(db, t), expire: (taskId: string) => store.expire(taskId, 9) }
}

const run = (task_id: string, more: Partial<Run> = {}): Run => ({
  task_id,
  title: `Task of ${task_id}`,
  role: 'developer',
  status: 'COMPLETED',
  models: ['Small'],
  outcome: null,
  archived: 0,
  created_at: 1,
  ended_at: 10,
  num_agents: 3,
  leader_id: 'agent-001',
  score: 0.5,
  cost_micro_usd: 7,
  ...more,
})
const some: readonly Run[] = [
  run('a', { status: 'IN_PROGRESS', ended_at: null, score: null, created_at: 10 }),
  run('b', { role: 'qa', models: ['Small', 'Qwen3 4B'], created_at: 20, score: 0.9 }),
  run('c', { title: 'Größe der Warteschlange', created_at: 30, score: 0.2 }),
  run('d', { status: 'FAILED', leader_id: null, score: null, created_at: 40 }),
  run('e', { outcome: 'accepted', created_at: 50, score: 0.9 }),
  run('f', { archived: 1, created_at: 60 }),
]
const query = (filter: object = {}, order: object = {}): RunQuery => runQuery.parse({ filter, order })

describe('a list of runs', () => {
  it.each<{ says: string; filter: object; finds: string[] }>([
    { says: 'shows what nobody archived, newest first', filter: {}, finds: ['e', 'd', 'c', 'b', 'a'] },
    { says: 'shows archived runs when asked', filter: { archived: 'yes' }, finds: ['f'] },
    { says: 'takes any of several states', filter: { status: ['FAILED', 'IN_PROGRESS'] }, finds: ['d', 'a'] },
    { says: 'knows roles by their whole name', filter: { role: ['qa', 'dev'] }, finds: ['b'] },
    { says: 'knows models by a part of their name', filter: { model: ['qwen'] }, finds: ['b'] },
    { says: 'finds nothing for a model that never took part', filter: { model: ['none'] }, finds: [] },
    { says: 'tells accepted runs from those without a verdict', filter: { outcome: ['accepted'] }, finds: ['e'] },
    { says: 'counts no verdict as one', filter: { outcome: ['none'], status: ['COMPLETED'] }, finds: ['c', 'b'] },
    { says: 'bounds the launch, the end not included', filter: { created_from: 20, created_to: 40 }, finds: ['c', 'b'] },
    { says: 'searches the title whatever the case, beyond ASCII too', filter: { text: 'GRÖSSE' }, finds: [] },
    { says: 'searches the title whatever the case', filter: { text: 'größe DER' }, finds: ['c'] },
    { says: 'takes signs of a search as they are', filter: { text: '%' }, finds: [] },
  ])('$says', ({ filter, finds }) => {
    const { list } = listOf(some)
    expect(list.all(query(filter)).map((number) => some[number - 1]?.task_id)).toEqual(finds)
  })

  it('puts runs without the value last, whichever way it is sorted', () => {
    const { list } = listOf(some)
    const ids = (descending: boolean) =>
      list.all(query({}, { by: 'score', descending })).map((number) => some[number - 1]?.task_id)
    expect([ids(true), ids(false)]).toEqual([
      ['e', 'b', 'c', 'd', 'a'],
      ['c', 'e', 'b', 'd', 'a'],
    ])
  })

  it('counts by state under everything else that is asked', () => {
    const { list } = listOf(some)
    const { COMPLETED, FAILED } = list.counts(runFilter.parse({ status: ['FAILED'], role: ['developer'] }))
    expect([COMPLETED, FAILED, list.counts(runFilter.parse({})).COMPLETED]).toEqual([2, 1, 3])
  })

  it('has no place for what retention removed, and cannot go on after a run that never was', () => {
    const { list, expire } = listOf(some)
    expire('e')
    expect([list.page(query(), 1), list.page(query(), 1, 'nobody')]).toEqual([[4], undefined])
  })

  it('gives, page by page and all at once, what filtering and sorting a plain array gives', () => {
    fc.assert(
      fc.property(fc.array(anyRun, { maxLength: 40 }), anyQuery, fc.integer({ min: 1, max: 7 }), (made, asked, size) => {
        const runs = made.map((one, index) => ({ ...one, task_id: `dlb-${index}` }))
        const { list } = listOf(runs)
        const expected = plainList(runs, asked)
        expect(list.all(asked).map((number) => runs[number - 1]?.task_id)).toEqual(expected)
        const paged: string[] = []
        for (let after: string | undefined; ;) {
          const page = (list.page(asked, size, after) ?? []).map((number) => runs[number - 1]?.task_id ?? '')
          paged.push(...page)
          after = page.at(-1)
          if (page.length < size) break
        }
        expect(paged).toEqual(expected)
        const counts = list.counts(asked.filter)
        const wanted = asked.filter.status.length > 0 ? asked.filter.status : listedStatus.options
        expect(wanted.reduce((sum, status) => sum + counts[status], 0)).toBe(expected.length)
        const ids = runs.map((one) => one.task_id)
        expect(
          list
            .matching(asked.filter, ids)
            .map((one) => one.task_id)
            .toSorted(),
        ).toEqual(expected.toSorted())
      }),
      { numRuns: 150 },
    )
  })
})

const few = fc.constantFrom(1, 2, 3)
const anyRun: fc.Arbitrary<Run> = fc.record({
  task_id: fc.constant(''),
  title: fc.constantFrom('Retry policy', 'retry queue', 'Ünder load', '%_x'),
  role: fc.constantFrom('developer', 'qa'),
  status: fc.constantFrom(...listedStatus.options, 'EXPIRED'),
  models: fc.uniqueArray(fc.constantFrom('Small', 'Qwen3 4B', 'qwen3 8B'), { minLength: 1 }),
  outcome: fc.constantFrom(null, 'accepted', 'rejected', 'corrected'),
  archived: fc.constantFrom(0, 1),
  created_at: few,
  ended_at: fc.option(fc.constantFrom(4, 5)),
  num_agents: few,
  leader_id: fc.constantFrom(null, 'agent-001', 'agent-002'),
  score: fc.constantFrom(null, 0.1, 0.5),
  cost_micro_usd: few,
})
const anyQuery: fc.Arbitrary<RunQuery> = fc.record({
  filter: fc.record({
    status: fc.uniqueArray(fc.constantFrom(...listedStatus.options), { maxLength: 3 }),
    role: fc.uniqueArray(fc.constantFrom('developer', 'qa', 'none'), { maxLength: 2 }),
    model: fc.uniqueArray(fc.constantFrom('QWEN', 'small', '8b', 'none'), { maxLength: 2 }),
    outcome: fc.uniqueArray(fc.constantFrom('none' as const, 'accepted' as const, 'rejected' as const), { maxLength: 2 }),
    archived: fc.constantFrom('no' as const, 'yes' as const, 'any' as const),
    created_from: fc.option(few),
    created_to: fc.option(few),
    text: fc.constantFrom('', '', 'RETRY', 'ünder', '%', 'dlb-1', 'qa'),
  }),
  order: fc.record({ by: fc.constantFrom(...runSortKey.options), descending: fc.boolean() }),
})

/** What a list means, without SQL. */
function plainList(runs: readonly Run[], { filter, order }: RunQuery): string[] {
  const kept = runs.filter((one) => matches(one, filter))
  const places = new Map(runs.map((one, index) => [one.task_id, index]))
  const newestFirst = (a: Run, b: Run) => (places.get(b.task_id) ?? 0) - (places.get(a.task_id) ?? 0)
  return kept
    .toSorted((a, b) => {
      const [x, y] = [valueOf(a, order), valueOf(b, order)]
      if (x === y) return newestFirst(a, b)
      if (x === null || y === null) return x === null ? 1 : -1
      return x < y === order.descending ? 1 : -1
    })
    .map((one) => one.task_id)
}

function matches(one: Run, filter: RunFilter): boolean {
  const among = (members: readonly string[], value: string) => members.length === 0 || members.includes(value)
  const takesPart = (part: string) => one.models.some((model) => model.toLowerCase().includes(part.toLowerCase()))
  return (
    one.status !== 'EXPIRED' &&
    (filter.archived === 'any' || (filter.archived === 'yes') === (one.archived === 1)) &&
    among(filter.status, one.status) &&
    among(filter.role, one.role) &&
    among(filter.outcome, one.outcome ?? 'none') &&
    (filter.model.length === 0 || filter.model.some(takesPart)) &&
    (filter.created_from === null || one.created_at >= filter.created_from) &&
    (filter.created_to === null || one.created_at < filter.created_to) &&
    [one.title, one.task_id, one.role].some((text) => text.toLowerCase().includes(filter.text.toLowerCase()))
  )
}

const statusOrder = ['IN_PROGRESS', 'PENDING', 'FAILED', 'TIMEOUT', 'CANCELLED', 'COMPLETED']

function valueOf(one: Run, { by }: RunOrder): string | number | null {
  switch (by) {
    case 'created':
      return one.created_at
    case 'title':
      return [one.title, one.task_id, one.role].join('\n').toLowerCase()
    case 'id':
      return one.task_id
    case 'status':
      return statusOrder.indexOf(one.status)
    case 'role':
      return one.role
    case 'agents':
      return one.num_agents
    case 'leader':
      return one.leader_id
    case 'score':
      return one.score
    case 'cost':
      return one.cost_micro_usd
    case 'took':
      return one.ended_at === null ? null : one.ended_at - one.created_at
    case 'ended':
      return one.ended_at
    case 'deadline':
      return one.created_at + 1000
    case 'outcome':
      return one.outcome
    case 'progress':
    case 'tokens_in':
    case 'tokens_out':
      return 0
  }
}
