import { expect, it } from 'vitest'
import { callKey } from '../../messages/work.ts'
import { answersOf, hang, plainly, startPlane } from '../plane-under-test.ts'

it('a council’s critics rewrite what they criticised, also where the plane ended before they had', async () => {
  const asked: string[] = []
  const first = await startPlane((call, tries, signal) => {
    const isRevision = call.messages.some(({ content }) => content.includes('it stays the proposal'))
    return isRevision ? hang(signal) : plainly(call, tries, signal)
  })
  await first.plane.councils.write(
    {
      council_id: 'critics',
      title: 'Critics',
      role: 'developer',
      agents: [{ agent_id: 'ann' }, { agent_id: 'ben' }, { agent_id: 'cleo' }],
      config: { deliberation_rounds: 1, enable_peer_review: true, revision_by: 'critic' },
    },
    'create',
  )
  const taskId = await first.submit({ council_id: 'critics', role: undefined })
  await expect.poll(() => first.ports.work.depth()).toEqual({ waiting: 0, leased: 3 })
  await first.stop()

  const second = await startPlane((call, tries, signal) => {
    asked.push(...call.messages.map(({ content }) => content))
    return plainly(call, tries, signal)
  }, first.ports)
  expect(await second.ended(taskId)).toMatchObject({ status: 'COMPLETED', partial: false })
  const answers = answersOf(await second.events(taskId)).map(({ data }) => data)
  const revisions = answers.flatMap(({ contribution, ...call }) =>
    contribution.kind === 'revision' ? [[callKey(call), contribution.author_id]] : [],
  )
  expect(revisions.toSorted()).toEqual([
    ['1.revise.ann', 'ben'],
    ['1.revise.ben', 'cleo'],
    ['1.revise.cleo', 'ann'],
  ])
  expect(answers).toHaveLength(12)
  expect(asked.filter((content) => content.includes('it stays the proposal'))).toHaveLength(3)
})
