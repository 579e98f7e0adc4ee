import type { ModelState } from '../adapters/catalogue/model-state.ts'
import type { ModelRecord } from '../adapters/catalogue/models.ts'

/** A model of the catalogue or of this machine's files, as the page shows it. */
export function modelView(record: ModelRecord) {
  return {
    id: record.id,
    kind: record.kind,
    name: record.name,
    parameters: record.parameters,
    quantisation: record.quantisation,
    size_bytes: record.sizeBytes,
    licence: record.licence?.spdx ?? 'not known',
    context_tokens: record.contextTokens ?? 0,
    starter: record.starter,
    note: record.note,
    fit: { fits: record.fit.fits, needs_bytes: record.fit.needsBytes, free_bytes: record.fit.freeBytes },
    recommended: record.recommended,
    state: stateView(record.state),
    loaded: record.loaded,
  }
}

function stateView(state: ModelState) {
  switch (state.kind) {
    case 'downloading':
      return {
        kind: state.kind,
        source: state.source,
        done_bytes: state.doneBytes,
        total_bytes: state.totalBytes,
        bytes_per_second: state.bytesPerSecond,
      }
    case 'failed':
      return { kind: state.kind, reasons: state.reasons.map((one) => ({ ...one })) }
    case 'absent':
    case 'verifying':
    case 'ready':
      return { kind: state.kind }
  }
}
