import * as z from 'zod'
import { commandsByName, type CommandTable } from '../../messages/command-table.ts'
import type { Answered, Command, Commands } from '../../messages/commands.ts'
import { readInput } from '../../messages/read-input.ts'
import type { Clock } from '../../ports/clock.ts'
import type { CommandContext, Dispatch } from '../../ports/commands.ts'
import { UnavailableError } from '../../ports/errors.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { Refusal } from '../refusal.ts'

/** What implements the whole table, by capability. */
export type TableHandlers = { readonly [C in keyof CommandTable]: CommandHandlers<CommandTable[C]> }

/** What a capability implements: one handler a verb. */
export type CommandHandlers<C extends Commands> = {
  readonly [V in keyof C]: C[V] extends Command<infer I, infer R>
    ? (input: z.output<I>, context: CommandContext) => Promise<Answered<z.input<R>>>
    : never
}

export interface DispatchPorts {
  readonly state: SmallState
  readonly clock: Clock
  /** Tells the one place of the process that logs what nobody expected. */
  readonly onFault: (fault: unknown) => void
}

const KEPT_MS = 86_400_000
const PRUNE_MS = 3_600_000
const PREFIX = 'reply.'
/** `verb` is the command's whole name; without a capability it is of a build that knew deliberations only. */
const kept = z.object({
  verb: z.string().transform((name) => (name.includes('.') ? name : `deliberation.${name}`)),
  at: z.number(),
  reply: z.unknown(),
})

/** Checks what comes in, runs the handler, checks what goes out; a repeated id of a remembered command gets its first reply. */
export function createDispatch(handlers: TableHandlers, ports: DispatchPorts): Dispatch {
  const { state, clock, onFault } = ports
  const underWay = new Map<string, Promise<Answered>>()
  let pruneAt = 0

  const dispatch: Dispatch = async (name, input, context) => {
    const shape = commandsByName.get(name)
    const handler = shape && handlerOf(handlers, name)
    if (!shape || !handler) return { error: { code: 'not-found', message: `There is no command ${name}.` } }
    const checked = readInput(shape.input, input)
    if (!checked.success) return { error: checked.error }
    try {
      if (shape.remembered) return await once(name, context.commandId, () => run(shape, handler, checked.data, context))
      return await run(shape, handler, checked.data, context)
    } catch (fault) {
      if (fault instanceof UnavailableError) return { error: { code: 'unavailable', message: fault.message } }
      onFault(fault)
      return { error: { code: 'internal', message: 'The command failed; the log of the host has the details.' } }
    }
  }

  async function run(shape: Command, handler: AnyHandler, input: unknown, context: CommandContext): Promise<Answered> {
    const answer = await handler(input, context)
    return 'ok' in answer ? { ok: shape.reply.parse(answer.ok) } : answer
  }

  /** A refusal changed nothing and is not kept: the same command may be sent again. */
  async function once(name: string, id: string, act: () => Promise<Answered>): Promise<Answered> {
    const first = underWay.get(id)
    if (first) await first.catch(() => undefined)
    const earlier = await state.get(PREFIX + id)
    if (earlier) {
      const { verb: usedFor, reply } = kept.parse(earlier.value)
      if (usedFor === name) return { ok: reply }
      return { error: { code: 'conflict', message: `The command id was used for ${usedFor} already.`, field: 'command_id' } }
    }
    const answer = act().then(async (result) => {
      if ('ok' in result) await state.put(PREFIX + id, { verb: name, at: clock.now(), reply: result.ok }, 'any')
      return result
    })
    underWay.set(id, answer)
    try {
      return await answer
    } finally {
      underWay.delete(id)
      await prune().catch(onFault)
    }
  }

  async function prune(): Promise<void> {
    const now = clock.now()
    if (now < pruneAt) return
    pruneAt = now + PRUNE_MS
    for (const { key, value } of await state.list(PREFIX)) if (now - kept.parse(value).at > KEPT_MS) await state.remove(key)
  }

  return dispatch
}

/** A handler without its types: the table has checked its input. */
type AnyHandler = (input: unknown, context: CommandContext) => Promise<Answered>

/** Of a name that the table knows. */
function handlerOf(handlers: TableHandlers, name: string): AnyHandler | undefined {
  const [capability = '', verb = ''] = name.split('.')
  return (handlers as unknown as Record<string, Record<string, AnyHandler> | undefined>)[capability]?.[verb]
}

/** A use case's "no" as commands answer it. */
export function refused({ code, message, field, retryAfterMs }: Refusal): Answered<never> {
  return {
    error: {
      code,
      message,
      ...(field !== undefined && { field }),
      ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
    },
  }
}
