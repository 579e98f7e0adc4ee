import multipart from '@fastify/multipart'
import type { FastifyError, FastifyInstance } from 'fastify'
import type { Access } from '../../../ports/access.ts'
import { UnavailableError } from '../../../ports/errors.ts'
import type { PathJobs } from '../../../ports/path-jobs.ts'
import { messageOfFault } from '../http-errors.ts'
import { admit } from './admission.ts'
import { addBatches, type BatchRoutesOptions } from './batches.ts'
import { addFiles } from './files.ts'
import { sendFailure } from './openai-reply.ts'
import { addOperations } from './operations.ts'
import { addPassThrough, type PassThroughOptions } from './pass-through.ts'
import { addGenerateBatch } from './prompts.ts'
import { addStart } from './start.ts'

export interface OpenAiOptions extends Pick<PassThroughOptions, 'upstreams' | 'decisions' | 'requestTimeoutMs'> {
  /** Without it there are no files and no batches. */
  readonly batching?: (BatchRoutesOptions & { readonly jobs: PathJobs }) | undefined
  /** Ends the process, with everything stored; absent where it is not the gateway's to end. */
  readonly shutDown?: (() => void) | undefined
}

export interface OpenAiAppOptions extends OpenAiOptions, PassThroughOptions {
  readonly access: Access
  readonly onFault: (fault: unknown) => void
}

/** More than a file may have, so that its store says what is too large and nothing is cut off in silence. */
const UPLOAD_BYTES = 256 * 1024 * 1024

/** `/v1` as OpenAI's clients know it, with errors in their shape; bodies reach the routes as text, because most are passed on. */
export function addOpenAi(app: FastifyInstance, options: OpenAiAppOptions): void {
  const { access, batching, upstreams, onFault } = options
  app.register(async (v1) => {
    v1.removeAllContentTypeParsers()
    v1.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => done(null, body))
    await v1.register(multipart, { limits: { files: 1, fields: 20, fieldSize: 1024, fileSize: UPLOAD_BYTES } })
    v1.decorateRequest('caller', null)
    v1.addHook('onRequest', (request, reply, done) => {
      if (admit(access, request, reply)) done()
    })
    v1.setErrorHandler((fault: FastifyError, _, reply) => {
      const status = fault.statusCode ?? 500
      if (status < 500) return sendFailure(reply, { status, message: messageOfFault(fault), code: 'invalid_request' })
      if (fault instanceof UnavailableError)
        return sendFailure(reply, { status: 503, message: fault.message, code: 'unavailable' })
      onFault(fault)
      return sendFailure(reply, {
        status: 500,
        message: 'The request failed; the log of the host has the details.',
        code: 'internal',
      })
    })
    addPassThrough(v1, options)
    if (!batching) return
    addFiles(v1, batching.batches)
    addBatches(v1, batching)
    addGenerateBatch(v1, { ...batching, upstreams })
    addStart(v1, { jobs: batching.jobs, upstreams })
    addOperations(v1, { ...batching, decisions: options.decisions, shutDown: options.shutDown })
  })
}
