import { decideRefused, decideValidated } from '../../../domain/batch/decide.ts'
import { isPromised } from '../../../domain/batch/sla.ts'
import type { BatchState } from '../../../domain/batch/state.ts'
import type { FileReport } from '../../../messages/batch.ts'
import { DuplicateCustomId, type BatchRequests } from '../../../ports/batch-requests.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Engines, ServedModel } from '../../../ports/engines.ts'
import type { FileValidation } from '../../../ports/file-validation.ts'
import type { SmallState } from '../../../ports/small-state.ts'
import type { Upstreams } from '../../../ports/upstreams.ts'
import { pendingTokensOn, planBatch } from './plan.ts'
import type { BatchStates } from '../states.ts'
import { validateFile, type ModelSize } from './file-report.ts'

export interface ValidationPorts {
  readonly state: SmallState
  readonly states: BatchStates
  readonly requests: BatchRequests
  readonly blobs: Blobs
  readonly validation: FileValidation
  readonly engines: Pick<Engines, 'countTokens'>
  readonly upstreams: Upstreams
  readonly clock: Clock
}

/** A model that nobody serves may be on its way up: it is waited for this long. */
const MODEL_WAIT_MS = 60_000
const MODEL_LOOK_MS = 5_000

/**
 * Reads the whole file of a batch, stores where its requests are and decides whether it can be run. A validation that was cut off begins
 * anew.
 */
export async function validateBatch(ports: ValidationPorts, { spec }: BatchState, signal: AbortSignal): Promise<void> {
  const { requests, states } = ports
  const { batch_id, input, endpoint, engine_id, window_ms, settings } = spec
  const refuseFile = (count: number, errors: FileReport['errors'], message: string) =>
    states.change(batch_id, 'validation', (state) => decideRefused(state, count, errors, message))

  await requests.begin(batch_id)
  let report: FileReport
  try {
    report = await validateFile(ports, { filename: spec.name, content: input }, endpoint, {
      sizeOf: (model) => sizeOf(ports, model, engine_id ?? undefined),
      onRequests: (group) => requests.add(batch_id, group),
      signal,
    })
  } catch (fault) {
    if (!(fault instanceof DuplicateCustomId)) throw fault
    const error = { line: fault.line, column: null, code: 'duplicate_custom_id', param: 'custom_id', message: fault.message }
    await refuseFile(1, [error], fault.message)
    return
  }
  if (report.error_count > 0 || report.model === null) {
    const message = `${report.error_count} of ${report.lines} lines cannot be run; the first: line ${report.errors[0]?.line ?? 1}, ${report.errors[0]?.message ?? 'it names no model'}`
    await refuseFile(report.error_count, report.errors, message)
    return
  }
  const served = await servedModel(ports, report.model, engine_id, signal)
  if (typeof served === 'string') {
    await refuseFile(1, [{ line: 1, column: null, code: 'model_not_found', param: 'body.model', message: served }], served)
    return
  }
  const { reference } = served
  const plan = await planBatch(ports.state, {
    served,
    report,
    pendingTokens: pendingTokensOn(states, `${reference.engine_id}/${reference.model}`),
    windowMs: window_ms,
    isBackground: !isPromised(spec.completion_window),
  })
  if (plan.estimate.admission.verdict === 'reject' && !settings.force) {
    await refuseFile(1, [], `${plan.estimate.admission.message} Or submit it with force.`)
    return
  }
  await states.change(batch_id, 'validation', (state) => decideValidated(state, plan))
}

/** What fits into a model; undefined where it is not served now. */
export async function sizeOf(
  { upstreams, engines }: Pick<ValidationPorts, 'upstreams' | 'engines'>,
  model: string,
  engineId: string | undefined,
): Promise<ModelSize | undefined> {
  const resolved = await upstreams.resolve(model, engineId)
  if (resolved.kind !== 'found') return undefined
  const { reference, contextTokens } = resolved.served
  return { contextTokens, countTokens: (text) => engines.countTokens(reference, text) }
}

/** The model as it is served, or why it is not. */
async function servedModel(
  { upstreams, clock }: ValidationPorts,
  model: string,
  engineId: string | null,
  signal: AbortSignal,
): Promise<ServedModel | string> {
  const since = clock.now()
  for (;;) {
    const resolved = await upstreams.resolve(model, engineId ?? undefined)
    signal.throwIfAborted()
    if (resolved.kind === 'found') return resolved.served
    if (resolved.kind === 'ambiguous')
      return `${resolved.engines.join(' and ')} serve ${model}. Name the engine of the batch (engine_id), or write the model as engine/model.`
    if (clock.now() - since >= MODEL_WAIT_MS)
      return `No engine serves the model ${model}. Served are: ${resolved.known.join(', ') || 'none'}. Connect an engine that serves it, then submit again.`
    await clock.sleep(MODEL_LOOK_MS, signal)
    signal.throwIfAborted()
  }
}
