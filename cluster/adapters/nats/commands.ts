import { commandRequest, commandSubject } from '../../messages/commands.ts'
import { invalidInput } from '../../messages/errors.ts'
import type { Dispatch } from '../../ports/commands.ts'
import type { Service } from './service.ts'

const ACTOR = 'nats'

/**
 * Answers the commands of a capability over NATS: `{ok}` or `{error}` for `{command_id, input}`. Returns the function that ends it; what
 * waits for a run then answers how far it is.
 */
export function serveCommands(service: Service, capability: string, dispatch: Dispatch): () => Promise<void> {
  const stopping = new AbortController()
  const root = commandSubject(capability, '')
  const end = service.serve(commandSubject(capability, '*'), async (subject, question) => {
    const asked = commandRequest.safeParse(question)
    if (!asked.success) return { error: invalidInput(asked.error) }
    const { command_id: commandId, input } = asked.data
    return await dispatch(subject.slice(root.length), input, { commandId, actor: ACTOR, signal: stopping.signal })
  })
  return async () => {
    stopping.abort()
    await end()
  }
}
