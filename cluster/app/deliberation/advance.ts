import {
  attemptOf,
  callerOf,
  composeCall,
  decideChecks,
  decideMeasure,
  isTerminal,
  judgedTexts,
  measureBeforeRound,
  measureOfResult,
  openCalls,
  passedOver,
  type AgentChecks,
  type CallOrder,
  type CallRef,
  type PromptSet,
  type RunState,
} from '../../domain/deliberation/index.ts'
import type { PolicyRule } from '../../messages/policies.ts'
import type { SentPrompt } from '../../messages/sent-prompt.ts'
import { workId } from '../../messages/work.ts'
import type { Checks } from '../../ports/checks.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EndNotices } from '../../ports/end-notices.ts'
import type { Engines } from '../../ports/engines.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { readPolicies } from '../library/policies.ts'
import type { SentPrompts } from '../texts/sent-prompts.ts'
import { endNotice } from './end-notice.ts'
import { takeMeasure } from './measure.ts'
import type { Runs } from './runs.ts'
import { activeKey } from './submit.ts'

/** What a text is checked with, and against. */
export interface CheckPorts {
  readonly checks: Checks
  readonly state: SmallState
  readonly shippedPolicies: readonly PolicyRule[]
}

export interface AdvancePorts extends CheckPorts {
  readonly work: WorkQueue
  readonly engines: Engines
  readonly clock: Clock
  /** By version: a run goes on with the prompts that it began with. */
  readonly prompts: ReadonlyMap<string, PromptSet>
  readonly sent: SentPrompts
  /** Absent where nobody outside waits to hear of it. */
  readonly endNotices?: EndNotices
}

/**
 * Brings the world in line with a run's state: takes its measures, runs its checks, publishes its open calls and withdraws those it went on
 * without, or, after its end, withdraws what is left and tells those outside. Safe to repeat at any time. False: the work queue was full; try again later.
 */
export async function advance(ports: AdvancePorts, runs: Runs, taskId: string): Promise<boolean> {
  const loaded = await runs.load(taskId)
  if (loaded.kind !== 'run') {
    await ports.state.remove(activeKey(taskId))
    return true
  }
  let state: RunState | undefined = loaded.state
  const due = measureBeforeRound(state)
  if (due) {
    const measured = await takeMeasure(ports, due)
    state = await runs.change(taskId, 'plane', (now) => decideMeasure(now, measured, ports.clock.now()))
  }
  if (state && !isTerminal(state) && state.phase === 'check') {
    const [results, measured] = await Promise.all([checkAll(ports, state), takeMeasure(ports, measureOfResult(state))])
    state = await runs.change(taskId, 'plane', (now) => decideChecks(now, results, ports.clock.now(), measured))
  }
  if (!state || isTerminal(state)) {
    await ports.work.withdraw(taskId)
    const notice = state && endNotice(state)
    if (notice) await ports.endNotices?.publish(notice)
    await ports.state.remove(activeKey(taskId))
    return true
  }
  // So that what nobody waits for gives its slot of an engine free.
  const running = state
  const idOf = (call: CallRef): string => workId({ ...call, task_id: taskId, attempt: attemptOf(running, call) })
  for (const call of passedOver(running)) await ports.work.withdraw(taskId, idOf(call))
  for (const order of openCalls(running)) {
    const id = idOf(order)
    const { item } = await ports.sent.keep(id, () => promptOf(ports, running, order))
    if ((await ports.work.publish(id, item)) === 'overloaded') return false
  }
  return true
}

/** The check suite over every text that stands now. */
export async function checkAll(ports: CheckPorts, state: RunState): Promise<readonly AgentChecks[]> {
  const rules = await readPolicies(ports.state, ports.shippedPolicies)
  const { requirements, required_sections: sections, cluster_spec: cluster, additional_checks: additional } = state.spec
  return await Promise.all(
    judgedTexts(state).map(async ({ agent_id, content }) => ({
      agent_id,
      checks: [...(await ports.checks.run({ content, rules, requirements, sections, cluster, additional }))],
    })),
  )
}

const FIRST_GUESS_CHARACTERS_PER_TOKEN = 3.2
/** What chat templates put around two messages. */
const TEMPLATE_TOKENS = 32

/** The composed call of one agent, its prompt counted by the engine's own tokenizer, since a guess is off by a third either way. */
async function promptOf(ports: AdvancePorts, state: RunState, order: CallOrder): Promise<SentPrompt> {
  const { spec } = state
  const agent = callerOf(spec, order)
  const prompts = ports.prompts.get(spec.prompts_version)
  if (!prompts)
    throw new Error(
      `Run ${spec.task_id} began with the prompts ${spec.prompts_version}; here are ${[...ports.prompts.keys()].join(', ')}. Add that file to resources/prompts.`,
    )
  let perToken = FIRST_GUESS_CHARACTERS_PER_TOKEN
  const compose = () => composeCall(state, order, prompts, { countTokens: (text) => Math.ceil(text.length / perToken) })
  let composed = compose()
  for (let tries = 0; tries < 4; tries++) {
    const text = composed.messages.map((message) => message.content).join('\n')
    const tokens = await ports.engines.countTokens(agent.model, text)
    const fits = tokens + TEMPLATE_TOKENS + composed.max_tokens <= agent.context_tokens
    if (fits && tries > 0) break
    perToken = (text.length / Math.max(1, tokens)) * (fits ? 1 : 0.95)
    composed = compose()
  }
  const item = {
    task_id: spec.task_id,
    round: order.round,
    phase: order.phase,
    agent_id: order.agent_id,
    role: spec.role,
    attempt: attemptOf(state, order),
    messages: [...composed.messages],
    model: agent.model,
    temperature: composed.temperature,
    max_tokens: composed.max_tokens,
    seed: composed.seed,
    timeout_ms: spec.limits.call_timeout_ms,
    deadline: spec.deadline,
    max_retries: spec.limits.max_retries,
    num_agents: spec.agents.length,
    diversity: composed.diversity,
    format: composed.format,
    score_field: composed.score_field,
  }
  return { item, prompts_version: prompts.version, cut: composed.cut }
}
