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

  it('adds the checks that a run or its council lists: each counts in the mean with its score', async () => {
    const world = await startPlane(answering({ 0.1: 'x'.repeat(100), 0.2: 'x'.repeat(400), 0.3: 'x'.repeat(1000) }))
    const expression = 'content.size() <= 200 ? 1.0 : 200.0 / double(content.size())'
    const additional_checks = [
      { check_type: 'brevity', expression },
      { check_type: 'no-digits', expression: "!content.matches('[0-9]')", pass_at: 1 },
    ]
    await world.plane.councils.write(
      {
        council_id: 'brief',
        title: 'Brief',
        role: 'developer',
        agents,
        config: {
          deliberation_rounds: 0,
          enable_peer_review: false,
          revision_by: 'author',
          additional_checks: additional_checks.map(({ pass_at = 0.5, ...each }) => ({ ...each, pass_at })),
        },
      },
      'create',
    )
    const runs = [
      { agents, rounds: 0, constraints: { additional_checks } },
      { council_id: 'brief', role: undefined },
    ]
    for (const run of runs) {
      const { ranked, checked } = await outcome(world, await world.submit(run))
      // Policy passes; (1 + brevity + 1) ÷ 3 with brevity 1, 0.5 and 0.2.
      const scores = new Map(ranked.map((one) => [one.agent_id, one.checks_score]))
      for (const [id, score] of [
        ['a1', 1],
        ['a2', 2.5 / 3],
        ['a3', 2.2 / 3],
      ] as const)
        expect(scores.get(id)).toBeCloseTo(score, 6)
      const last = checked.find((each) => each.agent_id === 'a3')?.checks.slice(-2)
      expect(last).toEqual([
        { check: 'brevity', status: 'failed', message: 'Scores 0.20, passes from 0.50 on.', warnings: 0, score: 0.2 },
        { check: 'no-digits', status: 'passed', message: 'Scores 1.00, passes from 1.00 on.', warnings: 0, score: 1 },
      ])
    }
  })

  it.each([
    ['content.nosuch()', /brevity cannot be used: unbound/],
    ['content', /not a number from 0 to 1, true or false/],
    ['2.0', /it gives 2, not a number from 0 to 1/],
    ['content.size( > 1', /line 1, column/],
  ])('is not begun with an additional check that cannot be used: %s', async (expression, message) => {
    const world = await startPlane(() => 'x')
    const additional_checks = [{ check_type: 'brevity', expression }]
    const input = submitDeliberation.parse({ task: 'T', role: 'DEV', constraints: { additional_checks } })
    expect(await world.plane.submit('command', 'spec', input)).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(message) as string,
      field: 'constraints.additional_checks.0.expression',
    })
  })

  it('scores an additional check 0 where it cannot be evaluated on a text, and says why', async () => {
    const world = await startPlane(answering({ 0.1: fenced(sound), 0.2: fenced('name: web'), 0.3: fenced(sound) }))
    const additional_checks = [{ check_type: 'replicas', expression: 'documents[0].replicas >= 2' }]
    const { checked } = await outcome(world, await world.submit({ agents, rounds: 0, constraints: { additional_checks } }))
    expect(checked.find((each) => each.agent_id === 'a1')?.checks.at(-1)).toMatchObject({ status: 'passed', score: 1 })
    expect(checked.find((each) => each.agent_id === 'a2')?.checks.at(-1)).toMatchObject({
      check: 'replicas',
      status: 'error',
      score: 0,
      message: expect.stringContaining('cannot be evaluated') as string,
    })
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
