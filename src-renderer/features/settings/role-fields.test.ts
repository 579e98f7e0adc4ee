import { describe, expect, it } from 'vitest'
import { fieldsOf, newRole, problemsOf, roleOf, shareOf, type Role } from './role-fields.ts'

const developer: Role = {
  name: 'developer',
  title: 'Developer',
  persona: 'You write the smallest change.',
  rubric: [
    { name: 'Correctness', weight: 3, description: 'Right' },
    { name: 'Brevity', weight: 1 },
  ],
  temperature: 0.7,
  max_tokens: null,
  model: null,
  context_window: null,
  required_sections: [],
}

describe('the role editor', () => {
  it('a role that nobody touched comes back as it was', () => expect(roleOf(fieldsOf(developer))).toEqual(developer))

  it('keeps the model, the context window and the required sections of a role', () => {
    const own = { ...developer, model: 'large', context_window: 32_768, required_sections: ['Risks'] }
    expect(roleOf(fieldsOf(own))).toEqual(own)
  })

  it('refuses an answer that fills the whole context window', () => {
    expect(problemsOf(fieldsOf({ ...developer, max_tokens: 4096, context_window: 4096 }), [])).toEqual({
      maxTokens: 'Less than the context window: the prompt needs the rest.',
    })
    expect(Object.keys(problemsOf(fieldsOf({ ...developer, context_window: 100 }), []))).toEqual(['contextWindow'])
  })

  it('shows what a weight comes to', () => {
    expect([shareOf(fieldsOf(developer), 0), shareOf(fieldsOf(developer), 1)]).toEqual([0.75, 0.25])
  })

  it('a good form has no problems', () => expect(problemsOf(fieldsOf(developer), ['tester'])).toEqual({}))

  it('says what a new role still lacks', () => {
    expect(Object.keys(problemsOf(fieldsOf(newRole()), []))).toEqual(['name', 'title', 'persona', 'rubric.0.name'])
  })

  it('refuses a name that is taken and a criterion that stands twice', () => {
    const fields = fieldsOf({
      ...developer,
      rubric: [
        { name: 'Safe', weight: 1 },
        { name: 'safe ', weight: 0.5 },
      ],
    })
    expect(problemsOf(fields, ['developer'])).toEqual({ name: 'Another role has this name.', 'rubric.1.name': 'Named twice.' })
  })
})
