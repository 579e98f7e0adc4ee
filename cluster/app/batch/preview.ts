import type { BatchEndpoint, BatchEstimate, FileReport, SubmittedBatch } from '../../messages/batch.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { Upstreams } from '../../ports/upstreams.ts'
import { refuse, type Refusal } from '../refusal.ts'
import type { BatchFiles } from './batches.ts'
import { pendingTokensOn, planBatch } from './planning.ts'
import type { BatchStates } from './states.ts'
import { validateFile } from './validate.ts'
import { sizeOf, type ValidationPorts } from './validation.ts'

export interface PreviewPorts extends Pick<ValidationPorts, 'blobs' | 'validation' | 'engines'> {
  readonly files: BatchFiles
  readonly upstreams: Upstreams
  readonly state: SmallState
  readonly states: BatchStates
}

/** Every line of a file held against what a batch may hold; nothing is kept. */
export async function previewFile(
  ports: PreviewPorts,
  fileId: string,
  endpoint: BatchEndpoint,
  engineId?: string,
): Promise<FileReport | Refusal> {
  const file = await ports.files.get(fileId)
  if (!file) return refuse('not-found', `There is no file ${fileId}.`, { field: 'input_file_id' })
  return await validateFile(ports, file, endpoint, { sizeOf: (model) => sizeOf(ports, model, engineId) })
}

/** What a valid file would take, and whether it would be let in. */
export async function estimateBatch(ports: PreviewPorts, input: SubmittedBatch): Promise<BatchEstimate | Refusal> {
  const report = await previewFile(ports, input.input_file_id, input.endpoint, input.engine_id)
  if ('kind' in report) return report
  if (report.error_count > 0 || report.model === null)
    return refuse('invalid-input', `${report.error_count} lines of the file cannot be run.`, { field: 'input_file_id' })
  const resolved = await ports.upstreams.resolve(report.model, input.engine_id)
  if (resolved.kind === 'unknown')
    return refuse(
      'invalid-input',
      `No engine serves the model ${report.model}. Served are: ${resolved.known.join(', ') || 'none; add one on the Models page'}.`,
      { field: 'input_file_id' },
    )
  if (resolved.kind === 'ambiguous')
    return refuse('invalid-input', `${resolved.engines.join(' and ')} serve ${report.model}. Name one.`, { field: 'engine_id' })
  const { reference, origin, tokensPerSecond } = resolved.served
  const hours = input.completion_window === 'background' ? 168 : Number(input.completion_window.slice(0, -1))
  const plan = await planBatch(ports.state, {
    model: reference,
    origin,
    report,
    pendingTokens: pendingTokensOn(ports.states, `${reference.engine_id}/${reference.model}`),
    windowMs: hours * 3_600_000,
    isBackground: input.completion_window === 'background',
    tokensPerSecond,
  })
  return plan.estimate
}
