import { describe, expect, it } from 'vitest'
import type { Script } from '../../adapters/memory/engines.ts'
import { sampleOf } from '../../adapters/memory/json-sample.ts'
import { submitDeliberation } from '../../messages/deliberation.ts'
import { startPlane, type World } from '../plane-under-test.ts'

const sound = 'name: web\nports:\n  - 80\nreplicas: 2'
const fenced = (text: string) => `Apply this:\n\`\`\`yaml\n${text}\n\`\`\``

/** Proposals by temperature. Peers score by position alone, so that the checks decide. */
const answering =
  (proposals: Readonly<Record<string, string>>): Script =>
  (call) => {
    if (call.format) return JSON.stringify(sampleOf(call.format.schema, 1))
    return proposals[String(call.temperature)] ?? 'Nothing.'
  }
const agents = [0.1, 0.2, 0.3].map((temperature, at) => ({
  agent_id: `a${at + 1}`,
  temperature,
  model: { engine_id: 'scripted', model: 'script' },
}))

/** The ranking of a run that has ended, and what each text's checks said. */
async function outcome(world: World, taskId: string) {
  await world.ended(taskId)
  const events = await world.events(taskId)
  const ranked = events.find((event) => event.type === 'deliberation.ranked')!.data.ranking
  const checked = events.find((event) => event.type === 'deliberation.checked')!.data.results
  return { ranked, checked }
}

describe('a run whose proposals are really checked', () => {
  it.each([['0.1'], ['0.2'], ['0.3']])(
    'check 4: ranks broken YAML below sound ones, whoever wrote it (temperature %s)',
    async (broken) => {
      const proposals = Object.fromEntries(
        agents.map(({ temperature }) => [temperature, fenced(String(temperature) === broken ? `${sound}\n}: 1` : sound)]),
      )
      const world = await startPlane(answering(proposals))
      const { ranked, checked } = await outcome(world, await world.submit({ agents, rounds: 0 }))
      const loser = agents.find(({ temperature }) => String(temperature) === broken)!.agent_id
      expect(ranked.at(-1)?.agent_id).toBe(loser)
      expect(ranked.map((one) => one.checks_score)).toEqual([1, 1, 0.5])
      expect(ranked[0]!.score).toBeGreaterThan(ranked[2]!.score!)
      const lint = checked.find((each) => each.agent_id === loser)?.checks.find((each) => each.check === 'lint')
      expect(lint?.status).toBe('failed')
      expect(lint?.details?.kind === 'lint' && lint.details.errors[0]).toMatchObject({ severity: 'error', line: 7 })
    },
  )

  it('counts a requirement with an expression against the texts that do not meet it', async () => {
    const world = await startPlane(answering({ 0.1: 'Roll back with undo.', 0.2: 'Hope.', 0.3: 'Roll it back first.' }))
    const requirements = [{ text: 'Says how to go back', expression: "content.lowerAscii().contains('roll')" }]
    const taskId = await world.submit({ agents, rounds: 0, constraints: { requirements } })
    const { ranked } = await outcome(world, taskId)
    expect(ranked.map((one) => one.checks_score)).toEqual([1, 1, 0])
    expect(ranked.at(-1)?.agent_id).toBe('a2')
  })

  it('is not begun with an expression that cannot be used', async () => {
    const world = await startPlane(() => 'x')
    const requirements = ['Plain', { text: 'Broken', expression: 'content.contains(' }]
    const input = submitDeliberation.parse({ task: 'T', role: 'DEV', constraints: { requirements } })
    expect(await world.plane.submit('command', 'spec', input)).toMatchObject({
      kind: 'refused',
      code: 'invalid-input',
      field: 'constraints.requirements.1.expression',
    })
  })
})
