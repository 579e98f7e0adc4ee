import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { MultipartFile, MultipartValue } from '@fastify/multipart'
import * as z from 'zod'
import { expiresAfter, type StoredFile } from '../../../messages/batch.ts'
import type { Batches } from '../../../ports/batches.ts'
import { callerOf, maySee } from './admission.ts'
import { missingAfter, missingFile, sendFailure, sendRefusal } from './openai-reply.ts'
import { checkedQuery } from './checked.ts'
import { toFileObject } from './shapes.ts'

export const fileList = z.strictObject({
  purpose: z.enum(['batch', 'batch_output']).optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(10_000),
  order: z.enum(['asc', 'desc']).default('desc'),
})

const EXPIRY_FIELD = /^expires_after\[(\w+)\]$/
/** Numbers of a form are texts; a form without such fields says nothing. */
const expiryFields = z.preprocess(
  (fields: Record<string, string>) =>
    Object.keys(fields).length === 0 ? undefined : { ...fields, seconds: Number(fields['seconds']) },
  expiresAfter.optional(),
)

interface FileRoute {
  readonly Params: { readonly file_id: string }
}

/** Input and result files, as OpenAI's clients send and read them. Nothing is held whole. A key sees its own. */
export function addFiles(app: FastifyInstance, batches: Batches): void {
  const { files } = batches
  const write = { config: { scopes: ['files'] as const } }
  const read = { config: { scopes: ['files', 'batches', 'read'] as const } }

  app.post('/v1/files', write, async (request, reply) => {
    if (!request.isMultipart())
      return sendFailure(reply, { status: 400, message: 'Send the file as multipart/form-data.', code: 'invalid_content_type' })
    return await upload(request, reply)
  })

  app.get('/v1/files', read, async (request, reply) => {
    const query = checkedQuery(fileList, request, reply)
    if (!query) return reply
    const newestFirst = (await files.list()).filter(
      ({ purpose, tenant }) => (query.purpose === undefined || purpose === query.purpose) && maySee(request, tenant),
    )
    const all = query.order === 'desc' ? newestFirst : newestFirst.toReversed()
    const last = query.after === undefined ? undefined : all.findIndex(({ id }) => id === query.after)
    if (query.after !== undefined && last === -1) return missingAfter(reply, query.after)
    const from = last === undefined ? 0 : last + 1
    const page = all.slice(from, from + query.limit)
    return {
      object: 'list',
      data: page.map(toFileObject),
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
      has_more: from + page.length < all.length,
    }
  })

  app.get<FileRoute>('/v1/files/:file_id', read, async (request, reply) => {
    const file = await own(request)
    return file ? toFileObject(file) : missingFile(reply, request.params.file_id)
  })

  app.get<FileRoute>('/v1/files/:file_id/content', read, async (request, reply) => {
    const file = await own(request)
    const content = file && (await files.content(file.id))
    if (!file || !content) return missingFile(reply, request.params.file_id)
    return reply
      .header('content-length', file.content.size)
      .header('content-disposition', `attachment; filename="${file.filename.replaceAll(/[^\w.-]/g, '_')}"`)
      .type('application/octet-stream')
      .send(Readable.from(content, { objectMode: false }))
  })

  app.delete<FileRoute>('/v1/files/:file_id', write, async (request, reply) => {
    const id = request.params.file_id
    if (!(await own(request))) return missingFile(reply, id)
    const removed = await files.remove(id)
    return removed.kind === 'removed' ? { id, object: 'file', deleted: true } : sendRefusal(reply, removed)
  })

  async function own(request: FastifyRequest<FileRoute>): Promise<StoredFile | undefined> {
    const file = await files.get(request.params.file_id)
    return file && maySee(request, file.tenant) ? file : undefined
  }

  /** What is said of the file may stand before or after it. */
  async function upload(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    let stored: StoredFile | undefined
    let purpose: string | undefined
    const expiry: Record<string, string | undefined> = {}
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        const [, name] = EXPIRY_FIELD.exec(part.fieldname) ?? []
        if (part.fieldname === 'purpose') purpose = fieldText(part)
        else if (name !== undefined) expiry[name] = fieldText(part)
      } else if (part.fieldname !== 'file' || stored) {
        part.file.resume()
      } else {
        const created = await files.create({ filename: part.filename, tenant: callerOf(request).tenant, content: whole(part) })
        if ('kind' in created) {
          part.file.resume()
          return sendRefusal(reply, created)
        }
        stored = created
      }
    }
    const isBatch = purpose === 'batch'
    const expires = expiryFields.safeParse(expiry)
    if (stored && isBatch && expires.success) {
      const { seconds } = expires.data ?? {}
      const kept = seconds === undefined ? stored : await files.expireAt(stored.id, stored.created_at + seconds * 1000)
      return kept ? reply.send(toFileObject(kept)) : missingFile(reply, stored.id)
    }
    if (stored) await files.remove(stored.id)
    if (stored && isBatch) {
      const message = '`expires_after` is to have the anchor created_at, and seconds from 3600 to 2592000.'
      return sendFailure(reply, { status: 400, message, param: 'expires_after', code: 'invalid_value' })
    }
    const param = isBatch ? 'file' : 'purpose'
    const message = isBatch ? 'The form has no file.' : "The purpose is to be 'batch'; files for anything else are not kept here."
    return sendFailure(reply, { status: 400, message, param, code: 'invalid_value' })
  }
}

/** Fails where the sender left before the end: what came is then not the file. */
async function* whole(part: MultipartFile): AsyncGenerator<Uint8Array> {
  for await (const chunk of part.file as AsyncIterable<Uint8Array>) yield chunk
  if (part.file.truncated) throw new Error('The file is larger than what is taken in.')
}

function fieldText(part: MultipartValue): string | undefined {
  return typeof part.value === 'string' ? part.value : undefined
}
