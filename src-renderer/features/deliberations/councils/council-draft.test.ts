import { expect, it } from 'vitest'
import { emptyDraft, modelKey } from '../launch/draft.ts'
import type { CouncilView } from '../shapes.ts'
import { councilAgents, councilConfig, draftOfCouncil, idOfTitle, isAsKept } from './council-draft.ts'

const model = { engine_id: 'e', model: 'm' }
const council: CouncilView = {
  council_id: 'mixed',
  title: 'Two minds',
  role: 'tester',
  agents: [{ model, persona: 'A sceptic.' }, { temperature: 1.2 }],
  config: {
    deliberation_rounds: 2,
    enable_peer_review: true,
    revision_by: 'critic',
    additional_checks: [{ check_type: 'brevity', expression: '0.5', pass_at: 0.7 }],
  },
  num_agents: 2,
  status: 'idle',
  reason: null,
}

it('fills the launch form from a council, and a council from the form', () => {
  const draft = { ...emptyDraft, ...draftOfCouncil(council) }
  expect(draft).toMatchObject({
    council: 'mixed',
    role: 'tester',
    rounds: 2,
    agents: [
      { model: modelKey(model), temperature: null, persona: 'A sceptic.' },
      { model: null, temperature: 1.2, persona: null },
    ],
  })
  expect(councilAgents(draft.agents)).toEqual(council.agents)
  expect(councilConfig(draft)).toEqual(council.config)
  expect(isAsKept(draft, council)).toBe(true)
  expect(isAsKept({ ...draft, additionalChecks: [] }, council)).toBe(false)
  expect(isAsKept({ ...draft, rounds: 1 }, council)).toBe(false)
})

it('gives a council without peer review no rounds', () => {
  expect(
    draftOfCouncil({ ...council, config: { deliberation_rounds: 2, enable_peer_review: false, revision_by: 'author' } }).rounds,
  ).toBe(0)
})

it.each([
  ['Two minds', 'two-minds'],
  ['  Équipe № 1! ', 'equipe-no-1'],
  ['***', ''],
])('makes an id of “%s”', (title, id) => {
  expect(idOfTitle(title)).toBe(id)
})
