import { describe, expect, it } from 'vitest'
import { agent, board } from '../board/test-board.ts'
import { runOf, withoutTask } from './draft.ts'
import { differences, draftOfRun, settingsOf } from './rerun.ts'

const { spec } = board({
  spec: {
    task_id: 'dlb-1',
    agents: [
      agent('alpha', { persona: 'You doubt.' }),
      agent('beta', { temperature: 0.91, diversity: false, model: { engine_id: 'e2', model: 'n' } }),
    ],
    architect: agent('architect'),
    architect_k: 2,
    requirements: [
      { id: 'R1', text: 'No double charge' },
      { id: 'R2', text: 'Says what it costs', expression: 'text.contains("$")' },
    ],
    metadata: { story_id: 'S-1' },
    cluster_spec: { namespace: 'shop' },
    architect_rubric: [{ name: 'Risk', weight: 1 }],
    required_sections: ['Risks'],
  },
})

describe('a re-run', () => {
  it('left unchanged sends what the first run was given, with its seed, and names it', () => {
    expect(runOf(draftOfRun(spec))).toEqual({
      task: 'Design it.',
      role: 'developer',
      rerun_of: 'dlb-1',
      agents: [
        { agent_id: 'alpha', persona: 'You doubt.', model: { engine_id: 'embedded', model: 'm' }, temperature: 0.7 },
        { agent_id: 'beta', model: { engine_id: 'e2', model: 'n' }, temperature: 0.91, diversity: false },
      ],
      rounds: 1,
      seed: 7,
      max_tokens: 512,
      metadata: { story_id: 'S-1' },
      constraints: {
        cluster_spec: { namespace: 'shop' },
        architect_rubric: { Risk: { weight: 1 } },
        required_sections: ['Risks'],
        rubric: { Correctness: { weight: 0.6 }, Safety: { weight: 0.4 } },
        requirements: ['No double charge', { text: 'Says what it costs', expression: 'text.contains("$")' }],
      },
      options: {
        peer_review: true,
        peer_scoring: true,
        revision_by: 'author',
        rubric_weight: 0.5,
        selection: 'architect',
        architect_k: 2,
        consensus_stop: false,
        architect_model: { engine_id: 'embedded', model: 'm' },
      },
      limits: { timeout_seconds: 900, call_timeout_seconds: 60, max_retries: 2 },
    })
  })

  it('says which settings differ from the first run, before and after', () => {
    const base = draftOfRun(spec)
    const changed = { ...base, rounds: 3, seed: null, agents: base.agents.slice(0, 1) }
    expect(differences(settingsOf(base), settingsOf(base))).toEqual([])
    expect(differences(settingsOf(base), settingsOf(changed)).map(({ name, before, after }) => [name, before, after])).toEqual([
      ['Agents', '2', '1'],
      ['beta', 'n, temperature 0.91, no other approach', null],
      ['Rounds', '1', '3'],
      ['Seed', '7', 'random'],
      ['Peer scoring', 'on', 'off'],
    ])
  })

  it('says so where the expression of a requirement is changed', () => {
    const base = draftOfRun(spec)
    const requirements = base.requirements.map((each) => ({ ...each, expression: null }))
    expect(differences(settingsOf(base), settingsOf({ ...base, requirements }))).toEqual([
      {
        name: 'Requirements',
        before: 'No double charge, Says what it costs (text.contains("$"))',
        after: 'No double charge, Says what it costs',
      },
    ])
  })

  it('shows the length that texts of the first run could have, and says where another is chosen', () => {
    const base = draftOfRun(spec)
    expect(differences(settingsOf(base), settingsOf({ ...base, maxTokens: null }))).toEqual([
      { name: 'Length of a text', before: '512', after: 'default' },
    ])
  })

  it('says so where the architect chooses by other criteria', () => {
    const base = draftOfRun(spec)
    expect(differences(settingsOf(base), settingsOf({ ...base, architectRubric: null }))).toEqual([
      { name: 'Criteria of the architect', before: 'Risk 100\u00a0%', after: 'the rubric' },
    ])
  })

  it('keeps the files, the quorum, the early stop and the baseline of the first run', () => {
    const options = {
      quorum: 2,
      consensus_stop: true,
      consensus_cosine: 0.9,
      revision_by: 'critic' as const,
      rounds: 2,
      attachments: [{ name: 'a.md', content: 'text' }],
      additional_checks: [{ check_type: 'brevity', expression: '0.5', pass_at: 0.7 }],
    }
    const run = runOf(draftOfRun({ ...spec, ...options }))
    expect(run).toMatchObject({
      attachments: options.attachments,
      constraints: { additional_checks: options.additional_checks },
      options: { quorum: 2, consensus_stop: true, consensus_cosine: 0.9, revision_by: 'critic' },
    })
    const baseline = { agents: [agent('sample-01')], debate_tokens: 1, sample_tokens: 1 }
    expect(runOf(draftOfRun({ ...spec, baseline }))?.options).toMatchObject({ baseline: true })
  })

  it('is forgotten once it is launched: the next task stands for itself', () => {
    expect(withoutTask(draftOfRun(spec)).carried).toBeNull()
  })
})
