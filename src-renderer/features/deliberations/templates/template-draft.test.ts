import { describe, expect, it } from 'vitest'
import { template as contract } from '../../../../src-preload/contract/template.ts'
import { emptyDraft, inputOf, modelKey, type Draft } from '../launch/draft.ts'
import type { CouncilView, TemplateView } from '../shapes.ts'
import { bracesOf } from '../../../../src-preload/contract/template.ts'
import { fillPlaceholders, placeholdersOf } from './placeholders.ts'
import { draftOfTemplate, templateRunOf } from './template-draft.ts'

const model = { engine_id: 'e', model: 'm' }
const full: Draft = {
  ...emptyDraft,
  task: 'Review the {{language}} code.',
  requirements: [
    { text: 'Names the line', expression: null },
    { text: 'Is short', expression: 'size(text) < 9000' },
  ],
  sections: ['Risks', 'Cases'],
  role: 'tester',
  agents: [
    { model: modelKey(model), temperature: 0.3, persona: 'A sceptic.' },
    { model: null, temperature: null, persona: null, diversity: false },
  ],
  rounds: 2,
  seed: 7,
  rubric: [{ name: 'Safety', weight: 2, description: 'No lost event' }],
  peerScoring: false,
  rubricWeight: 0.8,
  selection: 'architect',
  architectK: 2,
  architectModel: modelKey(model),
  maxTokens: 900,
  timeoutSeconds: 600,
  callTimeoutSeconds: 60,
  tokens: 5000,
  costUsd: 0.5,
  tries: 1,
  quorum: 2,
  consensusStop: true,
  consensusCosine: 0.9,
  baseline: true,
}
const councils: readonly CouncilView[] = []

/** As the host would keep it. */
function kept(draft: Draft): Pick<TemplateView, 'run'> {
  return contract.create.input.parse({ template: { template_id: 't', title: 'T', run: templateRunOf(draft) } }).template
}

describe('a template', () => {
  it.each([
    ['every setting chosen', full],
    ['nothing chosen', { ...emptyDraft, task: '' }],
  ])('gives the form back as it was saved, with %s', (_, draft) => {
    const { carried: __, ...back } = draftOfTemplate(kept(draft), councils)
    const { carried: ___, ...was } = draft
    expect(back).toEqual(was)
  })

  it('leaves files, metadata and the repeated run behind, and keeps names of agents and the cluster', () => {
    const carried = {
      rerun_of: 'dlb-1',
      agents: ['alpha', 'beta'],
      metadata: { story_id: 'S-1' },
      cluster_spec: { namespace: 'shop' },
    }
    const run = templateRunOf({ ...full, carried, attachments: [{ name: 'a.md', content: 'x' }] })
    expect(Object.keys(run)).not.toEqual(expect.arrayContaining(['metadata']))
    expect([run.agents?.map(({ agent_id }) => agent_id), run.constraints?.cluster_spec]).toEqual([
      ['alpha', 'beta'],
      { namespace: 'shop' },
    ])
    const again = inputOf(draftOfTemplate(kept({ ...full, carried }), councils))
    expect(again).toMatchObject({
      agents: [{ agent_id: 'alpha' }, { agent_id: 'beta' }],
      constraints: { cluster_spec: { namespace: 'shop' } },
    })
    expect(again.rerun_of).toBeUndefined()
  })

  it('that names a council takes its team, and leaves out one that is kept no more', () => {
    const pair: CouncilView = {
      council_id: 'pair',
      title: 'Pair',
      role: 'tester',
      agents: [{ model }, {}],
      config: { deliberation_rounds: 0, enable_peer_review: true, revision_by: 'author' },
      num_agents: 2,
      status: 'idle',
      reason: null,
    }
    const { run } = kept({ ...emptyDraft, task: 'x' })
    const { agents: _, role: __, rounds: ___, ...rest } = run
    const named = { run: { ...rest, council_id: 'pair' } }
    expect(draftOfTemplate(named, [pair])).toMatchObject({ council: 'pair', role: 'tester', rounds: 0, agents: [{}, {}] })
    expect(draftOfTemplate(named, [])).toMatchObject({ council: null, role: 'developer', agents: [{}, {}, {}] })
  })

  it.each([
    ['a weight alone', { Safety: 2 }, [{ name: 'Safety', weight: 2, description: '' }]],
    ['text', 'Is it safe?', [{ name: 'rubric', weight: 1, description: 'Is it safe?' }]],
  ])('shows a rubric that is %s', (_, rubric, expected) => {
    const { run } = kept(emptyDraft)
    expect(draftOfTemplate({ run: { ...run, constraints: { rubric } } }, []).rubric).toEqual(expected)
  })
})

describe('placeholders', () => {
  const texts = {
    task: 'Review the {{ language }} code for {{purpose}}: {{code}}. Again {{language}}. {{ .Values.image }} {{- end }} {{}}',
    requirements: [{ text: 'Fits {{purpose}}', expression: null }],
  }

  it('are found once each, in order; what other languages put in braces is left alone', () => {
    expect(placeholdersOf(texts)).toEqual(['language', 'purpose', 'code'])
    expect(bracesOf(placeholdersOf(texts))).toBe('{{language}}, {{purpose}} and {{code}}')
  })

  it('are filled as they are, also with what looks like one; what is left empty stays', () => {
    const filled = fillPlaceholders(texts, { language: 'Go', purpose: '$& {{code}}', code: ' ' })
    expect(filled.task).toBe('Review the Go code for $& {{code}}: {{code}}. Again Go. {{ .Values.image }} {{- end }} {{}}')
    expect(filled.requirements[0]?.text).toBe('Fits $& {{code}}')
  })
})
