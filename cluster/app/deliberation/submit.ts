import * as z from 'zod'
import { decideSubmit, type RunSpec } from '../../domain/deliberation/index.ts'
import { hash32 } from '../../domain/deliberation/shuffle.ts'
import type { RunEstimate, SubmittedDeliberation } from '../../messages/deliberation.ts'
import { deliberationSubject } from '../../messages/deliberation-events.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { canonical } from '../canonical.ts'
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

/**
 * Starts a run once per `commandId`: repeated with the same input it gets the first answer, with another it is refused. Nothing is sent to
 * a model before it is stored.
 */
export async function submit(
  ports: SubmitPorts,
  runs: Runs,
  commandId: string,
  actor: string,
  input: SubmittedDeliberation,
): Promise<Accepted | Refusal> {
  const claim = await claimId(ports, commandId, input)
  if (claim === undefined)
    return refuse('conflict', `The command id ${commandId} was used for another run already. Give each run its own.`)
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

const COMMANDS = 'command.'
/** `input`: what tells one input from another by accident, short because inputs are long; a bare id is of a build that kept none. */
const command = z.union([
  z.object({ task_id: z.string(), input: z.string() }),
  z.string().transform((task_id) => ({ task_id, input: null })),
])

/** The run id of a command, the same one however often and from wherever it comes; undefined where it had another input. */
async function claimId(ports: ResolvePorts, commandId: string, input: SubmittedDeliberation): Promise<string | undefined> {
  const key = COMMANDS + commandId
  const day = new Date(ports.clock.now()).toISOString().slice(5, 10).replace('-', '')
  const text = canonical(input)
  const fresh = { task_id: `dlb-${day}-${ports.newId()}`, input: `${text.length}.${hash32(text)}` }
  const claimed = await ports.state.put(key, fresh, 0)
  if (claimed.kind === 'stored') return fresh.task_id
  const taken = command.parse((await ports.state.get(key))?.value)
  return taken.input === null || taken.input === fresh.input ? taken.task_id : undefined
}

/** Command ids are remembered for a day: far longer than any client repeats one. */
const COMMAND_MEMORY_MS = 86_400_000

type CommandPorts = Pick<ResolvePorts, 'state' | 'clock'> & { readonly log: EventLog }

export async function forgetOldCommands({ state, log, clock }: CommandPorts): Promise<void> {
  for (const { key, value } of await state.list(COMMANDS)) {
    const [loaded] = await log.readSubject(deliberationSubject(command.parse(value).task_id))
    if (clock.now() - (loaded?.events[0]?.at ?? 0) > COMMAND_MEMORY_MS) await state.remove(key)
  }
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
