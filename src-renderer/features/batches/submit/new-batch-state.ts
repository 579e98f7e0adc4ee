import type { BatchEndpoint, FallbackModel, FileReport, StoredFile, SubmitBatch } from '../../../../src-preload/contract/batch.ts'

/** What the operator set; the rest has defaults. */
export interface BatchForm {
  readonly name: string
  readonly endpoint: BatchEndpoint
  readonly hours: number
  readonly priority: number
  readonly concurrency: number | null
  readonly adaptive: boolean
  /** Tries of a request after the first. */
  readonly retries: number
  readonly costDollars: number | null
  readonly errorPercent: number | null
  readonly continues: boolean
  readonly force: boolean
  /** Milliseconds since the epoch; null: as soon as there is a place. */
  readonly notBefore: number | null
  readonly engineId: string | null
  /** In the order in which they are asked. */
  readonly fallbacks: readonly FallbackModel[]
}

export const emptyForm: BatchForm = {
  name: '',
  endpoint: '/v1/chat/completions',
  hours: 24,
  priority: 0,
  concurrency: null,
  adaptive: true,
  retries: 3,
  costDollars: null,
  errorPercent: null,
  continues: false,
  force: false,
  notBefore: null,
  engineId: null,
  fallbacks: [],
}

/** How far the file is. */
export type FileState =
  | { readonly kind: 'none' }
  | { readonly kind: 'sending'; readonly name: string; readonly bytes: number; readonly sent: number }
  | { readonly kind: 'reading'; readonly file: StoredFile; readonly read: number }
  | { readonly kind: 'read'; readonly file: StoredFile; readonly report: FileReport }
  | { readonly kind: 'failed'; readonly message: string }

/** The submit as it stands; null while there is no file that can be run. */
export function batchOf(form: BatchForm, file: FileState): SubmitBatch | null {
  if (file.kind !== 'read' || file.report.error_count > 0) return null
  return {
    input_file_id: file.file.id,
    endpoint: form.endpoint,
    completion_window: `${form.hours}h`,
    name: form.name.trim() === '' ? file.file.filename.replace(/\.\w+$/, '') : form.name.trim(),
    ...(form.engineId !== null && { engine_id: form.engineId }),
    settings: {
      priority_offset: form.priority,
      adaptive_concurrency: form.adaptive,
      max_retries: form.retries,
      on_deadline: form.continues ? 'continue' : 'expire',
      force: form.force,
      ...(form.concurrency !== null && { max_concurrency: form.concurrency }),
      ...(form.costDollars !== null && { cost_ceiling_micro_usd: Math.round(form.costDollars * 1_000_000) }),
      ...(form.errorPercent !== null && { error_ceiling: form.errorPercent / 100 }),
      ...(form.notBefore !== null && { not_before: form.notBefore }),
      ...(form.fallbacks.length > 0 && { fallbacks: [...form.fallbacks] }),
    },
  }
}
