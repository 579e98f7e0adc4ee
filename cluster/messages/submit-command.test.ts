import { describe, expect, test } from 'vitest'
import { estimateCommand, orchestrateCommand, submitCommand } from './submit-command.ts'

const base = { task: 'Design it.', role: 'DEV' }
const runOf = (input: object) => submitCommand.parse({ ...base, ...input }).run
const faultsOf = (input: object): string[] => {
  const read = submitCommand.safeParse({ ...base, ...input })
  return read.success ? [] : read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

describe('a submit knows the names that other clients use', () => {
  test.each([
    ['constraints.max_iterations', { constraints: { max_iterations: 2 } }, { rounds: 2 }],
    ['constraints.deliberation_rounds', { constraints: { deliberation_rounds: 2 } }, { rounds: 2 }],
    ['options.deliberation_rounds', { options: { deliberation_rounds: 0 } }, { rounds: 0 }],
    ['constraints.timeout_seconds', { constraints: { timeout_seconds: 90 } }, { limits: { timeout_seconds: 90 } }],
    ['constraints.max_retries', { constraints: { max_retries: 0 } }, { limits: { max_retries: 0 } }],
    [
      'constraints.metadata',
      { metadata: { team: 'a' }, constraints: { metadata: { team: 'a', sprint: '7' } } },
      { metadata: { team: 'a', sprint: '7' } },
    ],
    [
      'criteria in constraints.architect_rubric',
      { constraints: { architect_rubric: { k: 4, Risk: 2 } } },
      { options: { architect_k: 4 }, constraints: { architect_rubric: { Risk: 2 } } },
    ],
    ['constraints.architect_rubric', { constraints: { architect_rubric: { k: 5 } } }, { options: { architect_k: 5 } }],
    ['options.enable_peer_review', { options: { enable_peer_review: false } }, { options: { peer_review: false } }],
    [
      'options.enable_architect_selection',
      { options: { enable_architect_selection: true } },
      { options: { selection: 'architect' } },
    ],
  ])('%s', (_name, input, expected) => {
    expect(runOf(input)).toMatchObject(expected)
  })

  test('and what was not sent keeps its default', () => {
    expect(runOf({})).toMatchObject({ limits: { max_retries: 2 }, options: { selection: 'rank', architect_k: 3 } })
  })

  test('and nothing of them is left in the run', () => {
    const run = runOf({ constraints: { max_iterations: 1, requirements: ['Short.'] }, options: { enable_peer_review: true } })
    expect(Object.keys(run.constraints)).toEqual(['requirements'])
    expect(Object.keys(run.options)).not.toContain('enable_peer_review')
  })
})

describe('two names of one field', () => {
  test('may both be sent where they agree', () => {
    expect(runOf({ rounds: 2, constraints: { max_iterations: 2 }, options: { deliberation_rounds: 2 } }).rounds).toBe(2)
  })

  test.each([
    [{ rounds: 1, constraints: { max_iterations: 2 } }, 'rounds', 'constraints.max_iterations'],
    [
      { constraints: { max_iterations: 2, deliberation_rounds: 3 } },
      'constraints.max_iterations',
      'constraints.deliberation_rounds',
    ],
    [{ rounds: 1, options: { deliberation_rounds: 2 } }, 'rounds', 'options.deliberation_rounds'],
    [
      { limits: { timeout_seconds: 60 }, constraints: { timeout_seconds: 90 } },
      'limits.timeout_seconds',
      'constraints.timeout_seconds',
    ],
    [{ limits: { max_retries: 2 }, constraints: { max_retries: 1 } }, 'limits.max_retries', 'constraints.max_retries'],
    [
      { options: { architect_k: 3 }, constraints: { architect_rubric: { k: 4 } } },
      'options.architect_k',
      'constraints.architect_rubric.k',
    ],
    [{ options: { peer_review: true, enable_peer_review: false } }, 'options.peer_review', 'options.enable_peer_review'],
    [
      { options: { selection: 'rank', enable_architect_selection: true } },
      'options.selection',
      'options.enable_architect_selection',
    ],
    [{ metadata: { team: 'a' }, constraints: { metadata: { team: 'b' } } }, 'metadata.team', 'constraints.metadata.team'],
    [{ limits: { cost_micro_usd: 1 }, budget_micro_usd: 2 }, 'limits.cost_micro_usd', 'budget_micro_usd'],
    [{ task_description: 'Another.' }, 'task', 'task_description'],
  ])('are refused by both where they disagree: %j', (input, first, second) => {
    expect(faultsOf(input)).toEqual([
      `${second}: \`${first}\` and \`${second}\` are two names of one field and say different things: send one.`,
    ])
  })
})

test('a field that nobody knows is refused by name, and bounds hold under every name', () => {
  expect(faultsOf({ constraints: { max_iteration: 2 } })).toEqual(['constraints: Unrecognized key: "max_iteration"'])
  expect(faultsOf({ constraints: { architect_rubric: { Risk: 'much' } } })).toHaveLength(1)
  expect(faultsOf({ constraints: { max_iterations: 9 } })[0]).toContain('constraints.max_iterations')
})

test('an orchestration has an architect choose unless it says otherwise; an estimate knows the same names', () => {
  const selectionOf = (options: object) => orchestrateCommand.parse({ ...base, options }).run.options.selection
  expect([selectionOf({}), selectionOf({ enable_architect_selection: false })]).toEqual(['architect', 'rank'])
  expect(estimateCommand.parse({ task_description: 'Design it.', constraints: { max_iterations: 3 } }).rounds).toBe(3)
})
