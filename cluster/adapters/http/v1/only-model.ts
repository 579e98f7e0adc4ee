import type { FastifyReply } from 'fastify'
import type { Upstreams } from '../../../ports/upstreams.ts'
import { sendFailure } from './openai-reply.ts'

/** The model that was named, or the only one that writes; undefined where the request was answered with that it has to name one. */
export async function onlyModel(
  upstreams: Upstreams,
  named: string | undefined,
  reply: FastifyReply,
): Promise<string | undefined> {
  const served = (await upstreams.served()).filter(({ embedsOnly }) => embedsOnly !== true)
  const model = named ?? (served.length === 1 ? served[0]?.reference.model : undefined)
  if (model !== undefined) return model
  const message = 'Name a model: not exactly one that writes is served.'
  sendFailure(reply, { status: 400, message, param: 'model', code: 'missing_required_parameter' })
  return undefined
}
