import { commandTable } from '../../messages/command-table.ts'
import { commandRequest, commandSubject, type Answered } from '../../messages/commands.ts'
import { readInput } from '../../messages/read-input.ts'
import type { Dispatch } from '../../ports/commands.ts'
import type { Service } from './service.ts'

const ACTOR = 'nats'

function tooLarge(bytes: number, limit: number): Answered {
  const message = `The reply takes ${bytes} bytes, and NATS carries ${limit} here. Ask over HTTP, or read large texts piece by piece.`
  return { error: { code: 'unavailable', message } }
}

/**
 * Answers the commands of the table over NATS: `{ok}` or `{error}` for `{command_id, input}`. Returns the function that ends it; what
 * waits for a run then answers how far it is.
 */
export function serveCommands(service: Service, dispatch: Dispatch): () => Promise<void> {
  const stopping = new AbortController()
  const root = commandSubject('')
  const answer = async (subject: string, question: unknown) => {
    const asked = readInput(commandRequest, question, 'The request')
    if (!asked.success) return { error: asked.error }
    const { command_id: commandId, input } = asked.data
    return await dispatch(subject.slice(root.length), input, { commandId, actor: ACTOR, signal: stopping.signal })
  }
  const ends = Object.keys(commandTable).map((capability) => service.serve(commandSubject(`${capability}.*`), answer, tooLarge))
  return async () => {
    stopping.abort()
    await Promise.all(ends.map((end) => end()))
  }
}
