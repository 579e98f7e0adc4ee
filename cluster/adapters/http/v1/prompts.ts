import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { submitBatch, type SubmittedBatch } from '../../../messages/batch.ts'
import type { BatchViews } from '../../../ports/batch-reads.ts'
import type { Batches } from '../../../ports/batches.ts'
import type { Refusal } from '../../../ports/refusal.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'
import { actorOf, callerOf } from './admission.ts'
import { checkedBody, commandIdOf } from './checked.ts'
import { onlyModel } from './only-model.ts'
import { sendRefusal } from './openai-reply.ts'

export const generateBatch = z.strictObject({
  prompts: z.array(z.string().min(1)).min(1).max(1000),
  /** May be left out where only one model is served. */
  model: z.string().min(1).optional(),
  max_tokens: z.int().min(1).max(1_000_000).default(256),
  temperature: z.number().min(0).max(2).default(0.7),
})

/** Results in the order of the prompts; times in seconds, `throughput` in prompts per second. */
export const generatedBatch = z.object({
  batch_id: z.string(),
  results: z.array(
    z.object({ prompt: z.string(), response: z.string().nullable(), tokens: z.int().nullable(), error: z.string().nullable() }),
  ),
  total_time: z.number(),
  total_prompts: z.int(),
  throughput: z.number(),
})

const chatAnswer = z.object({ choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }) })).min(1) })

interface Sampling {
  readonly model: string
  readonly max_tokens: number
  readonly temperature: number
}

/** Stores prompts as the input file of a batch that is still to be submitted. */
export async function storePrompts(
  { files }: Batches,
  tenant: string,
  prompts: readonly string[],
  sampling: Sampling,
): Promise<SubmittedBatch | Refusal> {
  const stored = await files.create({ filename: 'prompts.jsonl', tenant, content: lines(prompts, sampling), isDraft: true })
  if ('kind' in stored) return stored
  return submitBatch.parse({ input_file_id: stored.id, endpoint: '/v1/chat/completions' })
}

/** `POST /generate_batch`: a batch like any other, whose caller waits for it. Whoever hangs up cancels it. */
export function addGenerateBatch(
  app: FastifyInstance,
  { batches, views, upstreams }: { readonly batches: Batches; readonly views: BatchViews; readonly upstreams: Upstreams },
): void {
  app.post('/generate_batch', { config: { scopes: ['batches'] } }, async (request, reply) => {
    const startedAt = performance.now()
    const wanted = checkedBody(generateBatch, request, reply)
    if (!wanted) return reply
    const model = await onlyModel(upstreams, wanted.model, reply)
    if (model === undefined) return reply
    const batchId = await submit({ ...wanted, model }, request, reply)
    if (batchId === undefined) return reply
    if (!(await endOf(batchId, gone(request)))) {
      await batches.cancel(batchId, actorOf(request))
      return reply.hijack()
    }
    const results = await Promise.all(wanted.prompts.map((prompt, n) => resultOf(batchId, prompt, n)))
    const seconds = (performance.now() - startedAt) / 1000
    const total = wanted.prompts.length
    return { batch_id: batchId, results, total_time: seconds, total_prompts: total, throughput: total / seconds }
  })

  async function submit(
    wanted: z.output<typeof generateBatch> & Sampling,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string | undefined> {
    const id = commandIdOf(request, reply)
    if (id === undefined) return undefined
    const { tenant } = callerOf(request)
    const batch = await storePrompts(batches, tenant, wanted.prompts, wanted)
    const answer = 'kind' in batch ? batch : await batches.submit(id, actorOf(request), tenant, batch)
    if (answer.kind === 'accepted') return answer.batchId
    if (!('kind' in batch)) await batches.files.remove(batch.input_file_id)
    sendRefusal(reply, answer)
    return undefined
  }

  /** False where the caller left first. */
  async function endOf(batchId: string, signal: AbortSignal): Promise<boolean> {
    const ended = Promise.withResolvers<boolean>()
    const look = () => {
      const row = views.queries().detail(batchId)?.row
      if (row && row.ended_at !== null) ended.resolve(true)
    }
    const unwatch = views.onChanged((ids) => {
      if ([...ids].includes(batchId)) look()
    })
    signal.addEventListener('abort', () => ended.resolve(false), { once: true })
    await views.caughtUp()
    look()
    return await ended.promise.finally(unwatch)
  }

  async function resultOf(batchId: string, prompt: string, n: number) {
    const found = await batches.request(batchId, n)
    const answer = chatAnswer.safeParse(parsed(found?.output ?? null))
    return {
      prompt,
      response: found?.row.state === 'completed' && answer.success ? (answer.data.choices[0]?.message.content ?? null) : null,
      tokens: found?.row.tokens_out ?? null,
      error: found?.row.error?.message ?? (found?.row.state === 'completed' ? null : 'The batch ended before this was answered.'),
    }
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- lines as a file that streams
async function* lines(prompts: readonly string[], { model, max_tokens, temperature }: Sampling): AsyncGenerator<Uint8Array> {
  for (const [index, prompt] of prompts.entries()) {
    const body = { model, messages: [{ role: 'user', content: prompt }], max_tokens, temperature }
    const line = { custom_id: `prompt-${index + 1}`, method: 'POST', url: '/v1/chat/completions', body }
    yield Buffer.from(`${JSON.stringify(line)}\n`)
  }
}

function gone({ raw }: FastifyRequest): AbortSignal {
  const controller = new AbortController()
  raw.socket.once('close', () => controller.abort())
  return controller.signal
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}
