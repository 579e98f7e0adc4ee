import { isPromised } from '../../../domain/batch/sla.ts'
import type { BatchEndpoint, BatchEstimate, FileReport, StoredFile, SubmittedBatch } from '../../../messages/batch.ts'
import type { FileFindings } from '../../../ports/file-validation.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'
import { refuse, type Refusal } from '../../refusal.ts'
import type { BatchFiles } from '../../../ports/batches.ts'
import { pendingTokensOn, planBatch } from './plan.ts'
import type { BatchStates } from '../states.ts'
import { findingsOf, withLengths, type Reading } from './file-report.ts'
import { sizeOf, type ValidationPorts } from './validate-batch.ts'

export interface PreviewPorts extends Pick<ValidationPorts, 'blobs' | 'validation' | 'engines'> {
  readonly files: BatchFiles
  readonly upstreams: Upstreams
  readonly state: SmallState
  readonly states: BatchStates
}

/** Files that are looked at before they are submitted. */
export interface FilePreviews {
  /** Every line of a file held against what a batch may hold; nothing is kept. */
  validate(fileId: string, endpoint: BatchEndpoint, reading?: Omit<Reading, 'onRequests'>): Promise<FileReport | Refusal>
  /** What a valid file would take, and whether it would be let in. */
  estimate(input: SubmittedBatch): Promise<BatchEstimate | Refusal>
}

/** Whoever fills a form in asks for an estimate with each change: the files that were read last are not read again for it. */
const FILES_REMEMBERED = 2

export function createFilePreviews(ports: PreviewPorts): FilePreviews {
  const remembered = new Map<string, FileFindings>()

  async function findings(file: StoredFile, endpoint: BatchEndpoint, reading: Reading): Promise<FileFindings> {
    const key = `${file.content.sha256} ${endpoint}`
    const found = remembered.get(key) ?? (await findingsOf(ports, file, endpoint, reading))
    remembered.delete(key)
    remembered.set(key, found)
    for (const old of [...remembered.keys()].slice(0, -FILES_REMEMBERED)) remembered.delete(old)
    return found
  }

  async function validate(fileId: string, endpoint: BatchEndpoint, reading: Reading, engineId?: string) {
    const file = await ports.files.get(fileId)
    if (!file) return refuse('not-found', `There is no file ${fileId}.`, { field: 'input_file_id' })
    const found = await findings(file, endpoint, reading)
    return await withLengths(ports, file, endpoint, found, (model) => sizeOf(ports, model, engineId))
  }

  return {
    validate: (fileId, endpoint, reading = {}) => validate(fileId, endpoint, reading),
    estimate: async (input) =>
      await estimateBatch(ports, input, await validate(input.input_file_id, input.endpoint, {}, input.engine_id)),
  }
}

async function estimateBatch(
  ports: PreviewPorts,
  input: SubmittedBatch,
  report: FileReport | Refusal,
): Promise<BatchEstimate | Refusal> {
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
  const { served } = resolved
  const { reference } = served
  const hours = input.completion_window === 'background' ? 168 : Number(input.completion_window.slice(0, -1))
  const plan = await planBatch(ports.state, {
    served,
    report,
    pendingTokens: pendingTokensOn(ports.states, `${reference.engine_id}/${reference.model}`),
    windowMs: hours * 3_600_000,
    isBackground: !isPromised(input.completion_window),
  })
  return plan.estimate
}
