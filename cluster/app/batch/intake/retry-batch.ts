import { isTerminal } from '../../../domain/batch/transitions.ts'
import type { BatchRequests, RequestQuery, StoredRequest } from '../../../ports/batch-requests.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import { refuse, type Refusal } from '../../refusal.ts'
import type { BatchFiles, WhichRequests } from '../../../ports/batches.ts'
import { createRequestBodies, type RequestBodies } from '../requests/request-bodies.ts'
import { UNANSWERED } from '../requests/result-lines.ts'
import { missingBatch, type BatchStates } from '../states.ts'
import { submit, type Accepted, type SubmitPorts } from './submit.ts'

export interface RetryPorts extends SubmitPorts {
  readonly blobs: Blobs
  readonly files: Pick<BatchFiles, 'create' | 'remove'>
  readonly requests: BatchRequests
}

const LINES_AT_ONCE = 256
const NAMED_AT_MOST = 5

/** A child batch with the requests of an ended one that have no answer: all, or those that match. Their lines go into a file of its own. */
export async function retry(
  ports: RetryPorts,
  commandId: string,
  batchId: string,
  actor: string,
  which: WhichRequests,
): Promise<Accepted | Refusal> {
  const loaded = await ports.states.load(batchId)
  if (loaded.kind !== 'batch') return missingBatch(batchId, loaded.kind)
  const { spec, status, settings } = loaded.state
  if (!isTerminal(status)) return refuse('conflict', 'It is still in motion; what fails can be retried once it has ended.')
  const chosen = 'customIds' in which ? await placesOf(ports.requests, batchId, which.customIds) : which
  if ('kind' in chosen) return chosen
  const bodies = createRequestBodies(ports.blobs, spec.input)
  const file = await ports.files.create({
    filename: `${spec.name}_retry.jsonl`,
    tenant: spec.tenant,
    content: lines(bodies, chosenOf(ports.requests, batchId, chosen)),
    isDraft: true,
  })
  if ('kind' in file)
    return refuse('invalid-input', `None of the requests that were chosen is without an answer. ${file.message}`, {
      field: 'which',
    })
  const { not_before: _past, ...kept } = settings
  const input = {
    input_file_id: file.id,
    endpoint: spec.endpoint,
    completion_window: spec.completion_window,
    metadata: spec.metadata,
    name: `${spec.name} (retry)`.slice(0, 120),
    ...(spec.engine_id !== null && { engine_id: spec.engine_id }),
    settings: kept,
  }
  const result = await submit(ports, commandId, actor, spec.tenant, input, file, batchId)
  // Refused, or begun by an earlier command with the same id: this copy is nobody's.
  if (result.kind === 'refused' || (await inputOf(ports.states, result.batchId)) !== file.id) await ports.files.remove(file.id)
  return result
}

async function inputOf(states: BatchStates, batchId: string): Promise<string | undefined> {
  const loaded = await states.load(batchId)
  return loaded.kind === 'batch' ? loaded.state.spec.input_file_id : undefined
}

/** In one pass over the failed requests, however many are named. */
async function placesOf(
  requests: BatchRequests,
  batchId: string,
  customIds: readonly string[],
): Promise<{ readonly ns: readonly number[] } | Refusal> {
  const missing = new Set(customIds)
  const ns: number[] = []
  for await (const { n, customId } of requests.all(batchId, { states: UNANSWERED })) if (missing.delete(customId)) ns.push(n)
  if (missing.size === 0) return { ns }
  const named = [...missing].slice(0, NAMED_AT_MOST).join(', ')
  const more = missing.size > NAMED_AT_MOST ? ` and ${missing.size - NAMED_AT_MOST} more` : ''
  return refuse('invalid-input', `No failed request of this batch has the custom_id ${named}${more}.`, { field: 'custom_ids' })
}

async function* chosenOf(
  requests: BatchRequests,
  batchId: string,
  which: RequestQuery | { readonly ns: readonly number[] },
): AsyncIterable<StoredRequest> {
  if ('ns' in which) {
    for (const n of [...new Set(which.ns)].sort((a, b) => a - b)) {
      const found = await requests.one(batchId, n)
      if (found && isUnanswered(found)) yield found
    }
    return
  }
  const states = which.states?.filter((state) => UNANSWERED.includes(state)) ?? UNANSWERED
  if (states.length > 0) yield* requests.all(batchId, { ...which, states })
}

function isUnanswered({ outcome }: StoredRequest): boolean {
  return outcome !== null && UNANSWERED.includes(outcome.state)
}

/** The lines of requests as a file. */
async function* lines(bodies: RequestBodies, requests: AsyncIterable<StoredRequest>): AsyncIterable<Uint8Array> {
  let group: StoredRequest[] = []
  const flush = async function* () {
    for await (const { bytes } of bodies.lines(group)) {
      const line = new Uint8Array(bytes.length + 1)
      line.set(bytes)
      line[bytes.length] = 10
      yield line
    }
    group = []
  }
  for await (const request of requests) {
    group.push(request)
    if (group.length >= LINES_AT_ONCE) yield* flush()
  }
  yield* flush()
}
