import { textOf } from '../../../domain/batch/line.ts'
import type { BatchEndpoint, FileReport, LineError, StoredFile } from '../../../messages/batch.ts'
import type { NewRequest } from '../../../ports/batch-requests.ts'
import type { Blobs } from '../../../ports/blobs.ts'
import type { FileFindings, FileValidation, SizedRequest } from '../../../ports/file-validation.ts'

const LISTED_ERRORS = 1_000

/** What is known of the model that a file names: what fits into it, and how to count. */
export interface ModelSize {
  readonly contextTokens: number | null
  countTokens(text: string): Promise<number>
}

export interface ValidatePorts {
  readonly blobs: Blobs
  readonly validation: FileValidation
}

type InputFile = Pick<StoredFile, 'filename' | 'content'>

export interface Reading {
  /** As in FileValidation. */
  readonly onRequests?: ((requests: readonly NewRequest[]) => Promise<void>) | undefined
  /** Bytes read so far. */
  readonly onRead?: ((bytes: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Holds a file against the rules, then counts the tokens of those requests that could be too long for the model, as `withLengths`. */
export async function validateFile(
  ports: ValidatePorts,
  file: InputFile,
  endpoint: BatchEndpoint,
  { sizeOf, ...reading }: Reading & { readonly sizeOf: SizeOf },
): Promise<FileReport> {
  return await withLengths(ports, file, endpoint, await findingsOf(ports, file, endpoint, reading), sizeOf)
}

/** What the rules say of a file, whatever model runs it. */
export async function findingsOf(
  { blobs, validation }: ValidatePorts,
  { filename, content: { sha256 } }: InputFile,
  endpoint: BatchEndpoint,
  { onRequests, onRead, signal }: Reading,
): Promise<FileFindings> {
  const content = await blobs.get(sha256)
  if (!content) throw new Error(`The content of ${filename} is gone from the store. Upload the file again.`)
  return await validation.validate(onRead ? counted(content, onRead) : content, endpoint, onRequests, signal)
}

type SizeOf = (model: string) => Promise<ModelSize | undefined>

/** The report of findings, with the requests that do not fit into the model. `sizeOf` gives undefined for a model that nothing serves; then lengths are not looked at. */
export async function withLengths(
  { blobs }: ValidatePorts,
  { content: { sha256 } }: InputFile,
  endpoint: BatchEndpoint,
  findings: FileFindings,
  sizeOf: SizeOf,
): Promise<FileReport> {
  const { report } = findings
  const size = report.model === null ? undefined : await sizeOf(report.model)
  if (!size || size.contextTokens === null) return report
  const bodyOf = async ({ bodyOffset, bodyLength }: SizedRequest): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode((await blobs.read(sha256, bodyOffset, bodyLength)) ?? new Uint8Array()))
  const errors = await tooLong(findings, size, size.contextTokens, async (request) => textOf(endpoint, await bodyOf(request)))
  if (errors.length === 0) return report
  const all = [...report.errors, ...errors].sort((a, b) => a.line - b.line)
  return { ...report, error_count: report.error_count + errors.length, errors: all.slice(0, LISTED_ERRORS) }
}

async function* counted(content: AsyncIterable<Uint8Array>, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of content) {
    yield piece
    onRead((bytes += piece.length))
  }
}

async function tooLong(
  findings: FileFindings,
  size: ModelSize,
  context: number,
  read: (request: SizedRequest) => Promise<string>,
): Promise<LineError[]> {
  const errors: LineError[] = []
  for (const request of findings.suspects(context)) {
    const answer = request.maxTokens ?? 1
    const tokens = answer >= context ? 0 : await size.countTokens(await read(request))
    if (answer < context && tokens + answer <= context) continue
    const text = tokens === 0 ? '' : `${tokens} tokens of text and `
    const message = `${text}${answer} for the answer do not fit into the ${context} tokens of the model. Shorten the text or lower max_tokens.`
    errors.push({ line: request.n + 1, column: null, code: 'too_long', param: 'body', message })
  }
  return errors
}
