import { expect, it } from 'vitest'
import { liveSubject, nameOfTokens, subjectTokens, workSubject, workSubjectsOf } from './subjects.ts'

it.each([
  ['task-1.2.propose.agent-a', 'task-1.2.propose.agent-a'],
  ['a b', 'a=20b'],
  ['*.>', '=2A.=3E'],
  ['a=b', 'a=3Db'],
  ['ü', '=C3=BC'],
  ['a..b', 'a.=00.b'],
  ['', '=00'],
])('writes %j as the tokens %j, which can be read back', (name, tokens) => {
  expect(subjectTokens(name)).toBe(tokens)
  expect(nameOfTokens(tokens)).toBe(name)
})

it('puts the run of a work item where it can be withdrawn by subject', () => {
  expect(workSubject('developer', 'task-1', 'task-1.1.propose.a')).toBe('agent.work.developer.task-1.task-1.1.propose.a')
  expect(workSubjectsOf('task-1')).toBe('agent.work.*.task-1.>')
})

it('keeps wildcards out of the subject of live text', () => {
  expect(liveSubject('task *', 'agent.1')).toBe('agent.live.task=20=2A.agent=2E1')
})
