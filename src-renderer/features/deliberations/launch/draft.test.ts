import { describe, expect, it } from 'vitest'
import { deliberation } from '../../../../src-preload/contract/deliberation.ts'
import { placeAlong, tickWords } from './axis.ts'
import {
  emptyDraft,
  isVaried,
  modelKey,
  modelOfKey,
  roleTemperature,
  rubricFault,
  runOf,
  withAgentCount,
  withoutTask,
  type Draft,
} from './draft.ts'
import { createDraftStore } from './draft-store.ts'
import { formFieldOf, messageAt } from './form-fields.ts'

const model = { engine_id: 'embedded', model: 'm' }
const draft = (more: Partial<Draft> = {}): Draft => ({ ...emptyDraft, task: 'Design it.', ...more })

const stated = (text: string, expression: string | null = null) => ({ text, expression })

describe('the run that a form describes', () => {
  it('leaves what was left empty to the host', () => {
    expect(runOf(draft())).toEqual({
      task: 'Design it.',
      role: 'developer',
      agents: [{}, {}, {}],
      rounds: 1,
      constraints: {},
      options: {
        peer_review: true,
        peer_scoring: true,
        revision_by: 'author',
        rubric_weight: 0.5,
        selection: 'rank',
        architect_k: 3,
        consensus_stop: false,
      },
      limits: { max_retries: 2 },
    })
  })

  it('asks for a cosine only together with the early stop, and shows a refusal of it beside it', () => {
    const cosineOf = (more: Partial<Draft>) => runOf(draft({ consensusCosine: 0.95, ...more }))?.options
    expect(cosineOf({ rounds: 2, consensusStop: true })).toMatchObject({ consensus_stop: true, consensus_cosine: 0.95 })
    expect(cosineOf({ rounds: 2 })).not.toHaveProperty('consensus_cosine')
    expect(cosineOf({ rounds: 1, consensusStop: true })).not.toHaveProperty('consensus_cosine')
    expect(formFieldOf('options.consensus_cosine')).toEqual({ part: 'consensusCosine' })
  })

  it('carries everything that was chosen, and is a run that the host can read', () => {
    const other = { engine_id: 'e1', model: 'large' }
    const run = runOf(
      draft({
        requirements: [stated('No double charge'), stated('  '), stated('Short', ' size(text) < 9 '), stated('Plain', ' ')],
        agents: [
          { model: modelKey(other), temperature: 0.3, persona: ' A sceptic. ' },
          { model: null, temperature: null, persona: null, diversity: false },
        ],
        sections: ['Risks'],
        rounds: 0,
        seed: 7041,
        rubric: [{ name: ' Safety ', weight: 2, description: 'No lost event' }],
        selection: 'architect',
        rubricWeight: 0.8,
        architectK: 2,
        architectModel: modelKey(other),
        timeoutSeconds: 900,
        callTimeoutSeconds: 60,
        tokens: 5000,
        costUsd: 0.5,
        maxTokens: 64,
        tries: 1,
      }),
    )
    expect(run).toMatchObject({
      agents: [{ model: other, temperature: 0.3, persona: 'A sceptic.' }, { diversity: false }],
      seed: 7041,
      max_tokens: 64,
      constraints: {
        required_sections: ['Risks'],
        rubric: { Safety: { weight: 2, description: 'No lost event' } },
        requirements: ['No double charge', { text: 'Short', expression: 'size(text) < 9' }, 'Plain'],
      },
      options: { peer_review: false, rubric_weight: 0.8, selection: 'architect', architect_k: 2, architect_model: other },
      limits: { timeout_seconds: 900, call_timeout_seconds: 60, tokens: 5000, cost_micro_usd: 500_000, max_retries: 0 },
    })
    expect(deliberation.estimate.input.safeParse({ run }).success).toBe(true)
  })

  it.each<[string, Draft]>([
    ['without a task', draft({ task: '  ' })],
    ['with a rubric that cannot be read', draft({ rubric: [] })],
  ])('does not exist %s', (_, held) => {
    expect(runOf(held)).toBeNull()
  })
})

describe('the form', () => {
  it('gives new agents the last one’s model', () => {
    const five = withAgentCount(draft({ agents: [{ model: 'a', temperature: 0.2, persona: null }] }), 3)
    expect(five.agents).toEqual([
      { model: 'a', temperature: 0.2, persona: null },
      { model: 'a', temperature: null, persona: null },
      { model: 'a', temperature: null, persona: null },
    ])
    expect(withAgentCount(five, 1).agents).toHaveLength(1)
  })

  it('shows the temperatures that the role brings', () => {
    expect([0, 1, 2].map((at) => roleTemperature({ temperature: 0.7 }, isVaried({}, at)))).toEqual([0.7, 0.91, 0.91])
    expect(roleTemperature({ temperature: 1.8 }, true)).toBe(2)
  })

  it.each<[string | null, Draft['rubric']]>([
    ['A rubric needs at least one criterion.', []],
    ['Every criterion needs a name.', [{ name: ' ', weight: 1, description: '' }]],
    ['Every weight must be above 0.', [{ name: 'A', weight: 0, description: '' }]],
    [
      '“A” stands twice; each criterion needs a name of its own.',
      [
        { name: 'A', weight: 1, description: '' },
        { name: 'A ', weight: 1, description: '' },
      ],
    ],
    [null, [{ name: 'A', weight: 0.1, description: '' }]],
  ])('says of a rubric: %s', (fault, rubric) => {
    expect(rubricFault(rubric ?? [])).toBe(fault)
  })

  it('knows its own model keys and no others', () => {
    expect(modelOfKey(modelKey(model))).toEqual(model)
    expect(modelOfKey('embedded/m')).toBeNull()
  })
})

describe('a draft', () => {
  const storage = () => {
    const held = new Map<string, string>()
    return { getItem: (key: string) => held.get(key) ?? null, setItem: (key: string, value: string) => void held.set(key, value) }
  }

  it('survives a visit elsewhere', () => {
    const kept = storage()
    createDraftStore(kept, () => 42)
      .getState()
      .change({ task: 'Half a thought' })
    const again = createDraftStore(kept)
    expect(again.getState().draft.task).toBe('Half a thought')
  })

  it('says when it was saved, and nothing where it cannot be', () => {
    const kept = createDraftStore(storage(), () => 42)
    kept.getState().change({ task: 'x' })
    expect(kept.getState().savedAt).toBe(42)
    const full = createDraftStore({
      getItem: () => null,
      setItem: () => {
        throw new Error('full')
      },
    })
    full.getState().change({ task: 'x' })
    expect(full.getState()).toMatchObject({ savedAt: null, draft: { task: 'x' } })
  })

  it('begins empty when what was stored has another shape', () => {
    const kept = storage()
    kept.setItem('signalbox.launch-draft', '{"task":1}')
    expect(createDraftStore(kept).getState().draft).toEqual(emptyDraft)
  })

  it('is read back from a version that knew fewer options', () => {
    const { quorum: _, consensusStop: __, attachments: ___, ...older } = draft({ task: 'Kept' })
    const kept = storage()
    kept.setItem('signalbox.launch-draft', JSON.stringify(older))
    expect(createDraftStore(kept).getState().draft).toEqual(draft({ task: 'Kept' }))
    kept.setItem('signalbox.launch-draft', JSON.stringify({ ...older, requirements: ['No double charge'] }))
    expect(createDraftStore(kept).getState().draft.requirements).toEqual([stated('No double charge')])
  })

  it('keeps the council after a launch', () => {
    expect(withoutTask(draft({ rounds: 3, requirements: [stated('x')] }))).toMatchObject({
      task: '',
      requirements: [],
      rounds: 3,
    })
  })
})

describe('a refusal', () => {
  it.each([
    ['run.task', { part: 'task' }],
    ['task', { part: 'task' }],
    ['agents.2.model', { part: 'agent', index: 2, what: 'model' }],
    ['run.agents.0.temperature', { part: 'agent', index: 0, what: 'temperature' }],
    ['model', { part: 'agent', index: 0, what: 'model' }],
    ['run.max_tokens', { part: 'maxTokens' }],
    ['constraints.rubric', { part: 'rubric' }],
    ['run.constraints.requirements.1', { part: 'requirements' }],
    ['run.constraints.required_sections.0', { part: 'sections' }],
    ['options.architect_model', { part: 'architect' }],
    ['options.quorum', { part: 'quorum' }],
    ['run.attachments.0.content', { part: 'attachments' }],
    ['run.limits.timeout_seconds', { part: 'limit', name: 'timeout_seconds' }],
    ['run.metadata.x', null],
  ])('of %s stands at its place in the form', (path, field) => {
    expect(formFieldOf(path)).toEqual(field)
  })

  it('is shown at that place only', () => {
    const refusal = { field: formFieldOf('agents.1.model'), message: 'No such model.' }
    expect(messageAt(refusal, { part: 'agent', index: 1, what: 'model' })).toBe('No such model.')
    expect(messageAt(refusal, { part: 'agent', index: 0, what: 'model' })).toBeUndefined()
  })
})

describe('the axis of the estimate', () => {
  it('ends at a whole tick behind the longest time', () => {
    const { ticks, x } = placeAlong(900_000, 400)
    expect(ticks.map(tickWords)).toEqual(['0', '4 m', '8 m', '12 m', '16 m'])
    expect(x(960_000)).toBeCloseTo(399)
  })
})
