import { expect, it } from 'vitest'
import { subjectTokens, workSubject } from './subjects.ts'
import { callOfWorkId, workId } from './work.ts'

const call = { task_id: 'dlb-1', round: 1, phase: 'critique', agent_id: 'agent-002' } as const

it.each([
  [undefined, 'dlb-1.1.critique.agent-002'],
  [1, 'dlb-1.1.critique.agent-002'],
  [2, 'dlb-1.1.critique.agent-002.2'],
  [10, 'dlb-1.1.critique.agent-002.10'],
])('names attempt %s of a call as %s, from which the call is read back', (attempt, id) => {
  expect(workId({ ...call, attempt })).toBe(id)
  expect(callOfWorkId('dlb-1', id)).toEqual({ round: 1, phase: 'critique', agent_id: 'agent-002' })
})

it('gives each attempt a subject of its own under the same run', () => {
  const subject = (attempt: number) => workSubject('developer', 'dlb-1', workId({ ...call, attempt }))
  expect([subject(1), subject(2)]).toEqual([
    'agent.work.developer.dlb-1.dlb-1.1.critique.agent-002',
    'agent.work.developer.dlb-1.dlb-1.1.critique.agent-002.2',
  ])
  expect(subjectTokens(workId({ ...call, attempt: 2 }))).toBe('dlb-1.1.critique.agent-002.2')
})
