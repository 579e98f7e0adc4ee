import * as z from 'zod'

export const phaseName = z.enum(['propose', 'critique', 'revise', 'check', 'score', 'select'])

/** The phases in which a model is called. */
export const callPhase = z.enum(['propose', 'critique', 'revise', 'score', 'select'])
export type CallPhase = z.infer<typeof callPhase>

export const chatMessage = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })
export type ChatMessage = z.infer<typeof chatMessage>

/** One model on one engine. `engine_id` is `embedded` or the id of an endpoint; `model` the name it is served under. */
export const modelReference = z.object({ engine_id: z.string().min(1), model: z.string().min(1) })
export type ModelReference = z.infer<typeof modelReference>

/** Ask for JSON that meets a schema. Every string and list in it is bounded. */
export const jsonFormat = z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) })
export type JsonFormat = z.infer<typeof jsonFormat>

/** Numbers in the JSON reply whose probability-weighted mean is wanted: every occurrence of the key `field`, integers min..max. */
export const scoreField = z.object({ field: z.string(), min: z.int(), max: z.int() })
export type ScoreField = z.infer<typeof scoreField>

/** What travels on `agent.work.<role>`: a composed prompt for one agent in one phase. A worker only executes it. Times are milliseconds. */
export const workItem = z.object({
  task_id: z.string(),
  round: z.int().nonnegative(),
  phase: callPhase,
  agent_id: z.string(),
  role: z.string(),
  /** 1, and one more each time an operator has the failed call made again. */
  attempt: z.int().positive(),
  messages: z.array(chatMessage).min(1),
  model: modelReference,
  temperature: z.number().min(0).max(2),
  max_tokens: z.int().positive(),
  seed: z.int(),
  timeout_ms: z.int().positive(),
  deadline: z.int(),
  max_retries: z.int().nonnegative(),
  num_agents: z.int().positive(),
  diversity: z.boolean(),
  format: jsonFormat.nullable(),
  score_field: scoreField.nullable(),
})
export type WorkItem = z.infer<typeof workItem>

/** The natural key of a call inside its run: `round.phase.agent`. */
export function callKey(call: { round: number; phase: string; agent_id: string }): string {
  return `${call.round}.${call.phase}.${call.agent_id}`
}

/** The message id of work and answers: task, round, phase, agent, and the attempt where it is not the first, joined by dots. */
export function workId(item: {
  task_id: string
  round: number
  phase: string
  agent_id: string
  attempt?: number | undefined
}): string {
  const { attempt = 1 } = item
  return `${item.task_id}.${callKey(item)}${attempt > 1 ? `.${attempt}` : ''}`
}

/** The call that a message id names. */
export function callOfWorkId(taskId: string, id: string): Pick<WorkItem, 'round' | 'phase' | 'agent_id'> {
  const [round = '', phase = '', ...rest] = id.slice(taskId.length + 1).split('.')
  // The ids of agents have no dots.
  const agent = rest.length > 1 && /^\d+$/.test(rest.at(-1) ?? '') ? rest.slice(0, -1) : rest
  return { round: Number(round), phase: callPhase.parse(phase), agent_id: agent.join('.') }
}
