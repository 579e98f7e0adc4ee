import type { Ending } from '../../../domain/batch/decide.ts'
import type { BatchState } from '../../../domain/batch/state.ts'
import type { EndedData, ResultFile } from '../../../domain/batch/types.ts'
import type { BatchCounts } from '../../../messages/batch.ts'
import type { BatchRequests } from '../../../ports/batch-requests.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import { errorLine, linesOf, outputLine, UNANSWERED } from '../requests/result-lines.ts'
import type { KeptFiles } from './batch-files.ts'

export interface ResultPorts {
  readonly blobs: Blobs
  readonly files: Pick<KeptFiles, 'store'>
  readonly requests: BatchRequests
}

/** Ids of the files that a batch leaves: always the same, so that writing them again replaces them. */
function resultFileId(batchId: string, kind: 'output' | 'errors'): string {
  return `file-${batchId.replace(/^batch_/, '')}-${kind}`
}

const PIECE_CHARACTERS = 256 * 1024

/** Writes output file, error file and manifest of a batch whose requests all have an outcome. Safe to repeat. */
export async function writeResults(
  ports: ResultPorts,
  state: BatchState,
  ending: Ending,
  counts: BatchCounts,
): Promise<EndedData> {
  const base = { status: ending.status, counts, message: ending.reason }
  if (!state.plan) return { ...base, output: null, errors: null, manifest: null }
  const { batch_id } = state.spec
  const unanswered = counts.failed + counts.cancelled + counts.expired
  const servedBy = new Map<string, number>()
  const output = counts.completed > 0 ? await writeFile(ports, state, 'output', servedBy) : null
  const errors = unanswered > 0 ? await writeFile(ports, state, 'errors') : null
  const served = servedBy.size > 0 ? { served_by: Object.fromEntries(servedBy) } : {}
  const manifest = await ports.blobs.put(
    new TextEncoder().encode(
      JSON.stringify({
        batch_id,
        fingerprint: state.plan.report.fingerprint,
        model: state.plan.model,
        origin: state.plan.origin ?? null,
        engine: state.plan.engine ?? null,
        sampling: state.plan.report.sampling ?? null,
        endpoint: state.spec.endpoint,
        settings: state.settings,
        counts,
        ...served,
        files: { input: state.spec.input, output: output?.content ?? null, errors: errors?.content ?? null },
        note: 'Answers of large batches may differ slightly from those of single calls.',
      }),
    ),
  )
  return { ...base, ...served, output, errors, manifest }
}

/** `servedBy`: filled with the answers of each model, where they are told apart. */
async function writeFile(
  { files, requests }: ResultPorts,
  { spec }: BatchState,
  kind: 'output' | 'errors',
  servedBy = new Map<string, number>(),
): Promise<ResultFile> {
  const { batch_id } = spec
  const lines =
    kind === 'output'
      ? linesOf(batch_id, requests.all(batch_id, { states: ['completed'] }), (batchId, request) => {
          const { servedModel } = request.outcome
          if (servedModel !== undefined) servedBy.set(servedModel, (servedBy.get(servedModel) ?? 0) + 1)
          return outputLine(batchId, request)
        })
      : linesOf(batch_id, requests.all(batch_id, { states: UNANSWERED }), errorLine)
  const { id, content } = await files.store({
    id: resultFileId(batch_id, kind),
    filename: `${batch_id}_${kind}.jsonl`,
    tenant: spec.tenant,
    content: encoded(lines),
    expiresAt: spec.output_expires_at,
  })
  return { id, content }
}

/** Lines as bytes in pieces of some size, each ended by a line break. */
async function* encoded(lines: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder()
  let piece = ''
  for await (const line of lines) {
    piece += `${line}\n`
    if (piece.length < PIECE_CHARACTERS) continue
    yield encoder.encode(piece)
    piece = ''
  }
  if (piece !== '') yield encoder.encode(piece)
}
