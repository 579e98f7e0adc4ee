import {
  batchMetadata,
  type BatchEndpoint,
  type FallbackModel,
  type FileReport,
  type StoredFile,
  type SubmitBatch,
} from '../../../../src-preload/contract/batch.ts'

/** What the operator set; the rest has defaults. */
export interface BatchForm {
  readonly name: string
  readonly endpoint: BatchEndpoint
  readonly hours: number
  /** Whenever there is room: the window is the longest there is, whatever `hours` says. */
  readonly background: boolean
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
  /** Output and error file are removed this many days after the submit; null: with the batch. */
  readonly keptDays: number | null
  /** Lines of `key=value`. */
  readonly metadata: string
}

export const emptyForm: BatchForm = {
  name: '',
  endpoint: '/v1/chat/completions',
  hours: 24,
  background: false,
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
  keptDays: null,
  metadata: '',
}

const DAY_S = 86_400
const LONGEST_HOURS = 168

/** Hours until the deadline, from the submit on. */
export function windowHours({ hours, background }: BatchForm): number {
  return background ? LONGEST_HOURS : hours
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

function metadataOf(text: string): Record<string, string> {
  return Object.fromEntries(
    linesOf(text).map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  )
}

/** What is wrong with the metadata; null where nothing is. */
export function metadataFault(text: string): string | null {
  const odd = linesOf(text).find((line) => line.indexOf('=') < 1)
  if (odd !== undefined) return `“${odd}” is no pair: write key=value.`
  const read = batchMetadata.safeParse(metadataOf(text))
  return read.success ? null : 'At most 16 pairs, with keys up to 64 and values up to 512 characters.'
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
  if (file.kind !== 'read' || file.report.error_count > 0 || metadataFault(form.metadata) !== null) return null
  return {
    input_file_id: file.file.id,
    endpoint: form.endpoint,
    completion_window: form.background ? 'background' : `${form.hours}h`,
    ...(form.metadata.trim() !== '' && { metadata: metadataOf(form.metadata) }),
    name: form.name.trim() === '' ? file.file.filename.replace(/\.\w+$/, '') : form.name.trim(),
    ...(form.engineId !== null && { engine_id: form.engineId }),
    ...(form.keptDays !== null && { output_expires_after: { anchor: 'created_at', seconds: form.keptDays * DAY_S } }),
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
