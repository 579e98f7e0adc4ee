import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import type { PathJobs } from '../../../ports/path-jobs.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'
import { actorOf, callerOf } from './admission.ts'
import { checkedBody, commandIdOf } from './checked.ts'
import { onlyModel } from './only-model.ts'
import { sendRefusal } from './openai-reply.ts'

/** `batch_size` × `concurrency` requests run at once. Paths are absolute and lie in the folders of jobs. */
export const startJob = z.strictObject({
  input_path: z.string().min(1).max(4096),
  output_path: z.string().min(1).max(512),
  /** May be left out where only one model is served. */
  model: z.string().min(1).optional(),
  num_samples: z.int().min(1).max(100_000).default(1000),
  max_tokens: z.int().min(1).max(2048).default(512),
  temperature: z.number().min(0).max(2).default(0.7),
  batch_size: z.int().min(1).max(1000).default(128),
  concurrency: z.int().min(1).max(10).default(2),
})

export const startedJob = z.object({
  job_id: z.string(),
  status: z.string(),
  message: z.string(),
  num_samples: z.int(),
  estimated_completion_hours: z.number(),
  /** `assumed`: nothing was measured of the model yet, 10 requests a second are taken. */
  rate: z.enum(['measured', 'assumed']),
})

/** `POST /start`: a batch over a file of prompts on the gateway's machine; its results go to a file there when it has ended. */
export function addStart(
  app: FastifyInstance,
  { jobs, upstreams }: { readonly jobs: PathJobs; readonly upstreams: Upstreams },
): void {
  app.post('/start', { config: { scopes: ['batches'] } }, async (request, reply) => {
    const wanted = checkedBody(startJob, request, reply)
    if (!wanted) return reply
    const model = await onlyModel(upstreams, wanted.model, reply)
    if (model === undefined) return reply
    const id = commandIdOf(request, reply)
    if (id === undefined) return reply
    const started = await jobs.start(id, actorOf(request), callerOf(request).tenant, {
      inputPath: wanted.input_path,
      outputPath: wanted.output_path,
      model,
      samples: wanted.num_samples,
      maxTokens: wanted.max_tokens,
      temperature: wanted.temperature,
      atOnce: wanted.batch_size * wanted.concurrency,
    })
    if (started.kind === 'refused') return sendRefusal(reply, started)
    return {
      job_id: started.batchId,
      status: 'validating',
      message: `${started.samples} samples; the results will be in ${wanted.output_path}. See /jobs/${started.batchId}.`,
      num_samples: started.samples,
      estimated_completion_hours: started.hours,
      rate: started.rate,
    } satisfies z.infer<typeof startedJob>
  })
}
