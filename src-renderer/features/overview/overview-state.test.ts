import { describe, expect, it } from 'vitest'
import type { CatalogueModel, EngineView, ModelsView } from '../../../src-preload/contract/model.ts'
import type { SystemView } from '../../../src-preload/contract/system.ts'
import type { RunRow } from '../../lib/run-words.ts'
import { batchLive, batchRow } from '../../lib/sample-batches.ts'
import { overviewNeeds, overviewVerdict } from './overview-state.ts'

const now = new Date(2026, 6, 16, 14, 32).getTime()
const min = 60_000

const system: SystemView = {
  version: '0.1.0',
  shell: 'server',
  started_read_only: false,
  context: { id: 'local', name: 'Local', kind: 'local' },
  now,
  log: { last_sequence: 1, lag: 0, state: 'ok', detail: '' },
  running_runs: 0,
  running_calls: 0,
  waiting_calls: 0,
  tokens_per_second_1m: 0,
  spend_today_micro_usd: 43_000,
  runs_today: 2,
  needs: [],
  dead_letters: 0,
  storage: [],
}

const model: CatalogueModel = {
  id: 'qwen',
  kind: 'chat',
  name: 'Qwen2.5 1.5B Instruct',
  parameters: '1.5 B',
  quantisation: 'Q4_K_M',
  size_bytes: 1_117_000_000,
  licence: 'Apache-2.0',
  context_tokens: 32_768,
  starter: false,
  note: 'The lightest model that follows the steps.',
  fit: { fits: true, needs_bytes: 1_900_000_000, free_bytes: 9_400_000_000 },
  recommended: false,
  state: { kind: 'ready' },
  loaded: false,
}
const starter: CatalogueModel = { ...model, id: 'starter', name: 'SmolLM2 135M Instruct', starter: true }

const engine = (starterOnly: boolean): EngineView => ({
  engine_id: 'embedded',
  name: 'Embedded',
  kind: 'embedded',
  base_url: null,
  has_key: false,
  state: 'ready',
  detail: '',
  checked_at: null,
  running: 0,
  waiting: 0,
  parallel: 2,
  tokens_per_second: null,
  models: [
    {
      reference: { engine_id: 'embedded', model: 'm' },
      label: 'M',
      engine: 'Embedded',
      context_tokens: null,
      starter: starterOnly,
      parallel: 2,
      tokens_per_second: null,
      price_in: null,
      price_out: null,
    },
  ],
})
const models = (catalogue: CatalogueModel[], engines: EngineView[]): ModelsView => ({
  catalogue,
  engines,
  disk: { models_bytes: 0, free_bytes: 1 },
  machine: { cores: 2, memory_bytes: 2, free_memory_bytes: 1 },
})
const ready = models([model], [engine(false)])

const run = (more: Partial<RunRow>): RunRow => ({
  task_id: 'dlb-1',
  title: 'Retry policy',
  role: 'developer',
  status: 'IN_PROGRESS',
  phase: 'revise',
  round: 2,
  rounds: 2,
  num_agents: 3,
  failed_agents: 0,
  steps_done: 4,
  steps_total: 8,
  leader_id: null,
  score: null,
  tokens_in: 0,
  tokens_out: 0,
  cost_micro_usd: 0,
  created_at: now - 10 * min,
  ended_at: null,
  deadline: now + 5 * min,
  deadline_risk: 'on_track',
  risk_why: null,
  risk_since: null,
  expected_end: now + min,
  expected_end_p90: now + 2 * min,
  partial: false,
  starter: false,
  models: [],
  end_reason: null,
  message: '',
  outcome: null,
  archived: false,
  dismissed: false,
  rerun_of: null,
  ...more,
})
const failed = run({
  status: 'FAILED',
  ended_at: now - 5 * min,
  deadline_risk: null,
  expected_end: null,
  expected_end_p90: null,
  message: 'All 3 agents failed.',
})

const verdict = (runs: RunRow[], view: ModelsView = ready, more: Partial<SystemView> = {}) =>
  overviewVerdict({ system: { ...system, ...more }, runs, models: view, batches: null, now, error: null })
const text = (value: string) => value.replaceAll('\u00a0', ' ')

describe('is all well?', () => {
  it.each([
    ['running on time', [run({})], 'good', 'All is well: 1 run on time'],
    ['idle', [run({ status: 'COMPLETED', ended_at: now, deadline_risk: null })], 'good', 'All is well: nothing is running'],
    ['new', [], 'good', 'Ready for the first run'],
    ['at risk', [run({ deadline_risk: 'at_risk' })], 'warn', 'Not all well: 1 run at risk'],
    [
      'late and failed',
      [run({ deadline_risk: 'breaching' }), run({ task_id: 'dlb-2', deadline_risk: 'breaching' }), failed],
      'bad',
      'Not all well: 2 runs will miss their deadline, 1 run failed in the last 24 h',
    ],
    [
      'ended badly in other ways',
      [
        run({ status: 'TIMEOUT', ended_at: now, deadline_risk: null }),
        run({ task_id: 'dlb-2', status: 'COMPLETED', partial: true, ended_at: now, deadline_risk: null }),
        run({ task_id: 'dlb-3', status: 'TIMEOUT', ended_at: now, deadline_risk: null, dismissed: true }),
      ],
      'warn',
      'Not all well: 1 run timed out, 1 partial in the last 24 h',
    ],
  ] as const)('%s', (_, runs, tone, sentence) => {
    const said = verdict([...runs])
    expect([said.tone, text(said.text)]).toEqual([tone, sentence])
  })

  it('a failure of yesterday is no longer news', () => {
    expect(verdict([{ ...failed, ended_at: now - 25 * 60 * min }]).tone).toBe('good')
  })

  it('without any model it says which one is on its way', () => {
    const downloading = { kind: 'downloading', source: 'hub', done_bytes: 43, total_bytes: 100, bytes_per_second: null } as const
    expect(text(verdict([], models([{ ...starter, state: downloading }], [])).text)).toBe(
      'Nothing can run yet: the starter model is downloading, 43 %',
    )
  })

  it('without any model and none on its way it gives the reason of the host', () => {
    const need = { id: 'no-model', severity: 'bad', title: 'No model can be called', detail: '', action: 'models' } as const
    expect(verdict([], models([], []), { needs: [need] }).text).toBe('Nothing can run yet: no model can be called')
  })

  it('an engine that failed offers nothing', () => {
    expect(verdict([], models([], [{ ...engine(false), state: 'failed' }])).tone).toBe('warn')
  })

  it('before the host has answered it does not guess; when the host fails it says so', () => {
    const facts = { system: null, runs: null, models: null, batches: null, now }
    expect(overviewVerdict({ ...facts, error: null }).text).toBe('Waiting for the first picture')
    expect(overviewVerdict({ ...facts, error: 'The log is full.' })).toMatchObject({ tone: 'bad', why: 'The log is full.' })
  })
})

describe('what needs a person', () => {
  const needs = (runs: RunRow[], view: ModelsView, more: Partial<SystemView> = {}) =>
    overviewNeeds({ system: { ...system, ...more }, runs, models: view, batches: null, now, error: null })

  it('worst first, each with one action', () => {
    const list = needs([run({ deadline_risk: 'at_risk' }), { ...failed, task_id: 'dlb-2' }], ready)
    expect(list.map((need) => [need.word, need.action])).toEqual([
      ['Failed', { kind: 'open', to: '/local/deliberations/dlb-2', words: 'Open run' }],
      ['At risk', { kind: 'open', to: '/local/deliberations/dlb-1', words: 'Open run' }],
    ])
  })

  it('asks for the outcome of a finished run until one is given, or it is dismissed', () => {
    const done = run({ status: 'COMPLETED', ended_at: now, deadline_risk: null, leader_id: 'agent-001', score: 0.9 })
    expect(needs([done], ready).map(({ word, dismiss }) => [word, dismiss])).toEqual([['Judge', done.task_id]])
    expect(needs([{ ...done, outcome: 'accepted' }], ready)).toEqual([])
    expect(needs([{ ...done, dismissed: true }], ready)).toEqual([])
  })

  it('leads to the messages that could not be delivered', () => {
    expect(needs([], ready, { dead_letters: 2 }).map(({ title, action }) => [text(title), action])).toEqual([
      ['2 messages could not be delivered', { kind: 'open', to: '/local/settings/diagnostics', words: 'Open diagnostics' }],
    ])
  })

  it('calls to the batches that are held back, once a person is asked to look', () => {
    const shedding = { since: 0, why: ['the queue is 83 % full'], actions: ['defer_low' as const], escalated_at: null }
    const of = (escalated_at: number | null) =>
      overviewNeeds({
        system,
        runs: [],
        models: ready,
        batches: {
          rows: [],
          live: new Map(),
          counts: { all: 1, moving: 0, waiting: 0, at_risk: 0, failed: 0 },
          shedding: { ...shedding, escalated_at },
        },
        now,
        error: null,
      }).map(({ tone, detail, action }) => [tone, detail, action])
    expect(of(null)).toEqual([])
    expect(of(1)).toEqual([['bad', 'the queue is 83 % full.', { kind: 'open', to: '/local/batches', words: 'Open batches' }]])
  })

  it('names batches that go on only once somebody acts, those of one cause together', () => {
    const hold = { code: 'engine_down', message: 'The lab is down.', cured_by_waiting: false, fix: 'Start it.' }
    const of = (...ids: readonly string[]) => {
      const rows = ids.map((batch_id) => batchRow({ batch_id, name: batch_id }))
      const live = new Map(rows.map((row) => [row.batch_id, batchLive({ batch_id: row.batch_id, hold })]))
      const counts = { all: ids.length, moving: ids.length, waiting: 0, at_risk: 0, failed: 0 }
      const facts = { system, runs: [], models: ready, batches: { rows, live, counts, shedding: null }, now, error: null }
      return [
        text(overviewVerdict(facts).text),
        ...overviewNeeds(facts).map(({ word, title, detail, action }) => [word, text(title), detail, action]),
      ]
    }
    const detail = 'The lab is down. Start it.'
    expect(of('nightly')).toEqual([
      'Not all well: 1 batch waits for you',
      ['Look', 'nightly waits for you', detail, { kind: 'open', to: '/local/batches/nightly', words: 'Open batch' }],
    ])
    expect(of('nightly', 'claims')).toEqual([
      'Not all well: 2 batches wait for you',
      ['Look', '2 batches wait for you', detail, { kind: 'open', to: '/local/batches', words: 'Open batches' }],
    ])
  })

  it('forgets a failed run once it is dismissed, in the verdict too', () => {
    const seen = { ...failed, dismissed: true }
    expect(needs([failed], ready)[0]?.dismiss).toBe(failed.task_id)
    expect(needs([seen], ready)).toEqual([])
  })

  it('says by how much a run will be late', () => {
    const [need] = needs([run({ deadline_risk: 'breaching', expected_end: now + 9 * min })], ready)
    expect(text(need?.detail ?? '')).toBe('Expected 4 m 00 s after its deadline.')
  })

  it('offers the better model with one press instead of only saying that the starter is alone', () => {
    const alone = {
      id: 'starter-only',
      severity: 'info',
      title: 'Only the starter model is here',
      detail: '',
      action: 'models',
    } as const
    const better: CatalogueModel = { ...model, recommended: true, state: { kind: 'absent' } }
    const list = needs([], models([starter, better], [engine(true)]), { needs: [alone] })
    expect(list.map((need) => [need.id, need.action])).toEqual([
      ['offer.qwen', { kind: 'download', modelId: 'qwen', words: 'Get, 1.1\u00a0GB' }],
    ])
    expect(needs([], models([starter], [engine(true)]), { needs: [alone] }).map((need) => need.id)).toEqual(['starter-only'])
  })

  it('an ended run without trouble needs nobody', () => {
    expect(needs([run({ status: 'COMPLETED', ended_at: now, deadline_risk: null })], ready)).toEqual([])
  })
})
