import { decideSubmit, type RunSpec } from '../../domain/deliberation/index.ts'
import type { RunEstimate, SubmittedDeliberation } from '../../messages/deliberation.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { resolve, type ResolvePorts } from './resolve.ts'
import type { Runs } from './runs.ts'

export interface Accepted {
  readonly kind: 'accepted'
  readonly taskId: string
  readonly estimate: RunEstimate
  readonly deadline: number
  readonly spec: RunSpec
}

export interface Estimated {
  readonly kind: 'estimated'
  readonly spec: RunSpec
  readonly taskTokens: number
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

export interface SubmitPorts extends ResolvePorts {
  readonly maxRuns: number
  /** Ids on their way in, so that many submits at once cannot pass the bound together. */
  readonly entering: Set<string>
}

/** When to try again: a run ends every few seconds where so many are in motion. */
const RETRY_AFTER_MS = 10_000

/** Starts a run once per `commandId`: a repeated command gets the first answer. Nothing is sent to a model before it is stored. */
export async function submit(
  ports: SubmitPorts,
  runs: Runs,
  commandId: string,
  actor: string,
  input: SubmittedDeliberation,
): Promise<Accepted | Refusal> {
  const claim = await claimId(ports, commandId)
  const earlier = await runs.load(claim)
  if (earlier.kind === 'run') return accepted(earlier.state.spec)
  if (earlier.kind === 'expired') return refuse('expired', `Run ${claim} was removed by retention.`)
  if (runs.active().length + ports.entering.size >= ports.maxRuns)
    return refuse('overloaded', `${ports.maxRuns} runs are in motion already. Wait for one to end, or cancel one.`, {
      retryAfterMs: RETRY_AFTER_MS,
    })
  ports.entering.add(claim)
  try {
    return await enter(ports, runs, claim, actor, input)
  } finally {
    ports.entering.delete(claim)
  }
}

async function enter(
  ports: SubmitPorts,
  runs: Runs,
  claim: string,
  actor: string,
  input: SubmittedDeliberation,
): Promise<Accepted | Refusal> {
  const resolved = await resolve(ports, claim, input)
  if (resolved.kind === 'refused') return resolved
  const [problem] = resolved.problems
  if (problem !== undefined) return refuse(problem.code, problem.message, { field: problem.field })

  await ports.state.put(activeKey(claim), ports.clock.now(), 'any')
  if (await runs.create(claim, actor, decideSubmit(resolved.spec))) return accepted(resolved.spec)
  const winner = await runs.load(claim)
  return winner.kind === 'run' ? accepted(winner.state.spec) : refuse('conflict', `The id ${claim} is taken.`)
}

/** The run id of a command: the same one however often and from wherever the command comes. */
async function claimId(ports: ResolvePorts, commandId: string): Promise<string> {
  const key = `command.${commandId}`
  const fresh = `dlb-${new Date(ports.clock.now()).toISOString().slice(5, 10).replace('-', '')}-${ports.newId()}`
  const claimed = await ports.state.put(key, fresh, 0)
  if (claimed.kind === 'stored') return fresh
  const taken = await ports.state.get(key)
  return taken ? String(taken.value) : fresh
}

/** Key of the index of runs in motion: what start-up looks through. */
export const activeKey = (taskId: string): string => `active.${taskId}`

/** What a run would take and whether it would be let in. Nothing is stored. */
export async function estimate(ports: ResolvePorts, input: SubmittedDeliberation): Promise<Estimated | Refusal> {
  const resolved = await resolve(ports, 'estimate', input)
  if (resolved.kind === 'refused') return resolved
  return {
    kind: 'estimated',
    spec: resolved.spec,
    taskTokens: resolved.taskTokens,
    problems: resolved.problems.map((problem) => problem.message),
    warnings: resolved.warnings,
  }
}

const accepted = (spec: RunSpec): Accepted => ({
  kind: 'accepted',
  taskId: spec.task_id,
  estimate: spec.estimate,
  deadline: spec.deadline,
  spec,
})
