import * as z from 'zod'
import { hoursFor } from '../../../domain/batch/cost.ts'
import { MOST_REQUESTS, submitBatch } from '../../../messages/batch.ts'
import type { BatchViews } from '../../../ports/batch-reads.ts'
import type { JobFolders } from '../../../ports/job-folders.ts'
import type { PathJob, PathJobs } from '../../../ports/path-jobs.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import { refuse } from '../../refusal.ts'
import type { Batches } from '../../../ports/batches.ts'
import { answerText } from '../requests/result-lines.ts'
import { batchOfCommand } from './submit.ts'

export interface PathJobPorts {
  readonly batches: Batches
  readonly views: BatchViews
  readonly state: SmallState
  readonly folders: JobFolders
  readonly onFault: (fault: unknown) => void
}

/** Requests a second where nothing was measured. */
const ASSUMED_RATE = 10
const HOUR_MS = 3_600_000
const MOST_AT_ONCE = 1024
const OUTPUTS = 'batch.output.'
/** What was read of the prompts, and what is wrong with them. */
interface Counted {
  samples: number
  fault: string | undefined
}
/** By input file, noted before its batch is submitted: `batch_id` is null until it is known. */
const owed = z.object({ path: z.string(), command_id: z.string(), batch_id: z.string().nullable() })
type Owed = z.infer<typeof owed>

const promptLine = z.union([z.string(), z.object({ prompt: z.string() }).transform(({ prompt }) => prompt)])
const joined = z.object({
  request: z.object({ body: z.object({ messages: z.array(z.object({ content: z.string() })).min(1) }) }),
  response: z.object({ body: z.unknown() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  status: z.string(),
  tokens: z.object({ completion: z.number() }).nullable(),
  processing_time: z.number().nullable(),
})

/** Takes up what an earlier process still owed a file. */
export async function createPathJobs({ batches, views, state, folders, onFault }: PathJobPorts): Promise<PathJobs> {
  let writing: Promise<void> = Promise.resolve()
  const unwatch = views.onChanged((ids) => {
    for (const id of ids) later(() => settle(id))
  })
  for (const { key, value } of await state.list(OUTPUTS)) later(() => takeUp(key.slice(OUTPUTS.length), owed.parse(value)))

  /** One file after the other; what fails stays owed, and is told. */
  function later(work: () => Promise<void>): void {
    writing = writing.then(work).catch(onFault)
  }

  /** The process may have ended before the batch was there, or before its id was noted. */
  async function takeUp(fileId: string, entry: Owed): Promise<void> {
    const batchId = entry.batch_id ?? (await batchOfCommand(state, entry.command_id))
    await views.caughtUp()
    if (batchId === undefined || inputOf(batchId) !== fileId) {
      await forget(fileId)
      return
    }
    await note(fileId, { ...entry, batch_id: batchId })
    await settle(batchId)
  }

  async function settle(batchId: string): Promise<void> {
    await views.caughtUp()
    const found = views.queries().detail(batchId)
    if (!found || found.row.ended_at === null) return
    const key = OUTPUTS + found.spec.input_file_id
    const entry = await state.get(key)
    if (!entry) return
    await folders.write(owed.parse(entry.value).path, rowsOf(batches.lines(batchId, 'joined')))
    await state.remove(key)
  }

  const inputOf = (batchId: string) => views.queries().detail(batchId)?.spec.input_file_id
  const note = (fileId: string, entry: Owed) => state.put(OUTPUTS + fileId, entry, 'any')
  async function forget(fileId: string): Promise<void> {
    await state.remove(OUTPUTS + fileId)
    await batches.files.remove(fileId)
  }

  return {
    async start(commandId, actor, tenant, job) {
      const input = await folders.read(job.inputPath)
      if ('kind' in input) return input
      const isRepeated = (await batchOfCommand(state, commandId)) !== undefined
      const free = isRepeated ? undefined : await folders.checkNew(job.outputPath)
      if (free?.kind === 'refused') return free
      const counted: Counted = { samples: 0, fault: undefined }
      const filename = job.inputPath.split(/[/\\]/).at(-1) ?? 'input.jsonl'
      const file = await batches.files.create({ filename, tenant, content: requests(input, job, counted), isDraft: true })
      if (counted.fault !== undefined) return refuse('invalid-input', counted.fault, { field: 'input_path' })
      if ('kind' in file) return { ...file, field: 'input_path' }
      const wanted = submitBatch.parse({
        input_file_id: file.id,
        endpoint: '/v1/chat/completions',
        metadata: { output_path: job.outputPath },
        settings: { max_concurrency: Math.min(MOST_AT_ONCE, job.atOnce) },
      })
      const entry = { path: job.outputPath, command_id: commandId, batch_id: null }
      await note(file.id, entry)
      const estimate = await batches.estimate(wanted)
      const submitted = 'kind' in estimate ? estimate : await batches.submit(commandId, actor, tenant, wanted)
      if (submitted.kind === 'refused') {
        await forget(file.id)
        return submitted
      }
      const { batchId } = submitted
      await views.caughtUp()
      if (inputOf(batchId) === file.id) {
        await note(file.id, { ...entry, batch_id: batchId })
        later(() => settle(batchId))
      } else await forget(file.id)
      const measured = 'kind' in estimate ? null : estimate.duration_ms
      const { samples } = counted
      const hours = measured ? measured[0] / HOUR_MS : hoursFor(samples, ASSUMED_RATE)
      return { kind: 'started', batchId, samples, hours, rate: measured ? 'measured' : 'assumed' }
    },
    async stop() {
      unwatch()
      await writing
    },
  }
}

/** Lines of a batch's file from lines with a prompt: a text, JSON of a text, or `{"prompt"}`. Empty ones are passed over. */
async function* requests(lines: AsyncIterable<string>, job: PathJob, counted: Counted): AsyncGenerator<Uint8Array> {
  let line = 0
  for await (const text of lines) {
    line += 1
    if (text.trim() === '') continue
    const prompt = promptLine.safeParse(parsed(text))
    if (!prompt.success || prompt.data.trim() === '') {
      counted.fault = `Line ${line} of ${job.inputPath} has no prompt. Mend it, then start the job again.`
      throw new Error(counted.fault)
    }
    counted.samples += 1
    if (counted.samples > MOST_REQUESTS) {
      counted.fault = `${job.inputPath} has more prompts than the ${MOST_REQUESTS} that a batch may hold. Lower num_samples, or split it.`
      throw new Error(counted.fault)
    }
    const body = {
      model: job.model,
      messages: [{ role: 'user', content: prompt.data }],
      max_tokens: job.maxTokens,
      temperature: job.temperature,
    }
    const request = { custom_id: `sample-${counted.samples}`, method: 'POST', url: '/v1/chat/completions', body }
    yield Buffer.from(`${JSON.stringify(request)}\n`)
    if (counted.samples === job.samples) return
  }
}

/** Text that is no JSON stands for itself. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function* rowsOf(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) {
    const { request, response, error, status, tokens, processing_time } = joined.parse(JSON.parse(line))
    const isDone = status === 'completed'
    yield JSON.stringify({
      prompt: request.body.messages[0]?.content ?? '',
      response: isDone ? answerText(JSON.stringify(response?.body)) : null,
      tokens: isDone ? (tokens?.completion ?? null) : null,
      processing_time,
      error: isDone ? null : (error ?? { code: status, message: 'It was not answered.' }),
    })
  }
}
