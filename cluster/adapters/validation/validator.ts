import { isAscii, isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { scanJson } from '../../domain/batch/json-scan.ts'
import { bodySpan, checkLine, emptyRequest, estimateTokens, mostTokens } from '../../domain/batch/line.ts'
import type { LineFault } from '../../domain/batch/line.ts'
import { MOST_REQUESTS, type BatchEndpoint, type FileReport, type LineError } from '../../messages/batch.ts'
import { createCustomIds } from './custom-ids.ts'
import { createColumns, NONE } from './columns.ts'
import type { Columns } from './columns.ts'

export interface ValidatorLimits {
  readonly requests: number
  readonly lineBytes: number
  readonly embeddingInputs: number
}

export const fileLimits: ValidatorLimits = { requests: MOST_REQUESTS, lineBytes: 10 * 1024 * 1024, embeddingInputs: 50_000 }

const LISTED_ERRORS = 1_000
const PREVIEW_LINES = 3
const PREVIEW_CHARS = 2_000
const NEWLINE = 10
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
/** Longer parameters, such as large schemas, are told by their fingerprint alone. */
const SHOWN_CHARS = 4096
/** Some 64 kB of sampling parameters are hashed at a time. */
const HASHED_CHARS = 65_536

/** Reads a file piece by piece and keeps only what it counts. */
export interface Validator {
  push(piece: Buffer): void
  end(): FileReport
  /** Of all sound requests so far. */
  readonly columns: Columns
  /** Their custom_ids since the last time, while no line was faulty. */
  takeIds(): string[]
  readonly errorCount: number
}

export function createValidator(endpoint: BatchEndpoint, keepsIds: boolean, limits = fileLimits): Validator {
  const request = emptyRequest()
  const rules: { endpoint: string; model: string | null } = { endpoint, model: null }
  const ids = createCustomIds()
  const columns = createColumns()
  const errors: LineError[] = []
  const preview: string[] = []
  const fingerprint = createFingerprint()
  let customIds: string[] = []
  let errorCount = 0
  let bytes = 0
  let line = 0
  let requests = 0
  let inputs = 0
  let tokensIn = 0
  let maxTokensSum: number | null = null
  /** What came after the last newline, and how many bytes that is; its bytes are dropped once it is too long. */
  let rest: Buffer[] = []
  let restBytes = 0

  function note(code: string, param: string | null, message: string, column: number | null = null): void {
    errorCount += 1
    if (errors.length < LISTED_ERRORS) errors.push({ line, column, code, param, message })
  }
  const report = ({ code, param, message }: LineFault) => note(code, param, message)

  function parse(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      const scan = scanJson(text)
      if (scan.kind === 'fault') note('invalid_json', null, scan.message, scan.at + 1)
      else note('invalid_json', null, 'This line is no JSON that can be read.')
      return undefined
    }
  }

  /** One line without its newline. `offset`: its place in the file. */
  function take(text: string, offset: number, length: number): void {
    if (length > limits.lineBytes) return takeTooLong(length)
    line += 1
    if (text.length < 3 && text.trim() === '') return
    if (requests === limits.requests) {
      requests += 1
      note(
        'too_many_lines',
        null,
        `A file may hold ${limits.requests} requests; from this line on nothing was checked. Split the file.`,
      )
      return
    }
    if (requests > limits.requests) return
    const errorsBefore = errorCount
    const value = parse(text)
    if (value === undefined) {
      if (text.trim() === '') {
        errorCount -= 1
        errors.pop()
        return
      }
      requests += 1
      return
    }
    requests += 1
    if (preview.length < PREVIEW_LINES) preview.push(text.slice(0, PREVIEW_CHARS))
    checkLine(value, rules, request, report)
    if (request.customId !== '') unique(request.customId)
    if (errorCount === errorsBefore) count(text, value as object, offset, length)
  }

  function unique(customId: string): void {
    const earlier = ids.add(customId, line - 1)
    if (earlier >= 0)
      note('duplicate_custom_id', 'custom_id', `Line ${earlier + 1} has this custom_id already. Give each request its own.`)
    else if (keepsIds && errorCount === 0) customIds.push(customId)
  }

  function count(text: string, value: object, offset: number, length: number): void {
    rules.model ??= request.model
    inputs += request.inputs
    if (endpoint === '/v1/embeddings' && inputs > limits.embeddingInputs && inputs - request.inputs <= limits.embeddingInputs)
      note('too_many_inputs', 'body.input', `The inputs of a file may be ${limits.embeddingInputs} in all. Split the file.`)
    const { chars, messages, maxTokens, answers } = request
    // One byte a character unless the line says otherwise.
    const isPlain = text.length === length
    const textBytes = isPlain ? chars : Math.ceil((chars * length) / text.length)
    const [start, end] = bodySpan(text, value, request.customId)
    const bodyStart = isPlain ? start : Buffer.byteLength(text.slice(0, start))
    const bodyLength = isPlain ? end - start : Buffer.byteLength(text.slice(start, end))
    const estimate = estimateTokens(textBytes, messages)
    tokensIn += estimate
    if (maxTokens !== null) maxTokensSum = (maxTokensSum ?? 0) + maxTokens * answers
    fingerprint.add(request.sampling, request.isSampledAnew)
    const most = isPlain ? mostTokens(chars, messages) : mostTokens(bodyLength, messages)
    columns.add(line - 1, offset, length, offset + bodyStart, bodyLength, estimate, maxTokens ?? NONE, most)
  }

  /** Whole lines. `offset`: the place of `region` in the file. */
  function takeLines(region: Buffer, offset: number): void {
    if (offset === 0 && region.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
      return takeLines(region.subarray(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK.length)
    if (isAscii(region)) return takePlain(region.toString('latin1'), offset)
    for (let start = 0; start < region.length;) {
      const found = region.indexOf(NEWLINE, start)
      const end = found < 0 ? region.length : found
      const bytesOfLine = region.subarray(start, end)
      if (isUtf8(bytesOfLine)) take(bytesOfLine.toString(), offset + start, end - start)
      else takeBroken(bytesOfLine)
      start = end + 1
    }
  }

  function takePlain(text: string, offset: number): void {
    for (let start = 0; start < text.length;) {
      const found = text.indexOf('\n', start)
      const end = found < 0 ? text.length : found
      take(text.slice(start, end), offset + start, end - start)
      start = end + 1
    }
  }

  function takeBroken(bytesOfLine: Buffer): void {
    line += 1
    requests += 1
    const sound = bytesOfLine.toString().indexOf('\ufffd')
    note('invalid_json', null, 'This line is not UTF-8: save the file in UTF-8.', sound < 0 ? null : sound + 1)
  }

  function takeTooLong(length: number): void {
    line += 1
    requests += 1
    note('too_long', null, `A line may take ${limits.lineBytes / 1024 / 1024} MB; this one takes ${length} bytes.`)
  }

  function keep(piece: Buffer): void {
    restBytes += piece.length
    if (restBytes > limits.lineBytes) rest = []
    else if (piece.length > 0) rest.push(piece)
  }

  /** The line whose beginning was kept. */
  function takeRest(offset: number): void {
    if (restBytes > limits.lineBytes) takeTooLong(restBytes)
    else takeLines(Buffer.concat(rest), offset)
    rest = []
    restBytes = 0
  }

  return {
    columns,
    get errorCount() {
      return errorCount
    },
    takeIds() {
      const taken = customIds
      customIds = []
      return taken
    },
    push(whole) {
      let piece = whole
      let at = bytes
      bytes += whole.length
      if (restBytes > 0) {
        const first = piece.indexOf(NEWLINE)
        if (first < 0) {
          keep(piece)
          return
        }
        keep(piece.subarray(0, first + 1))
        takeRest(at + first + 1 - restBytes)
        piece = piece.subarray(first + 1)
        at += first + 1
      }
      const last = piece.lastIndexOf(NEWLINE)
      if (last >= 0) takeLines(piece.subarray(0, last + 1), at)
      keep(piece.subarray(last + 1))
    },
    end() {
      if (restBytes > 0) takeRest(bytes - restBytes)
      if (requests === 0) {
        line = Math.max(line, 1)
        note('empty_file', null, 'The file holds no request: it needs at least one line with a JSON object.')
      }
      return {
        lines: line,
        requests: Math.min(requests, limits.requests),
        bytes,
        model: rules.model,
        error_count: errorCount,
        errors,
        tokens_in_estimate: tokensIn,
        max_tokens_sum: maxTokensSum,
        preview,
        fingerprint: fingerprint.of(rules.model, endpoint),
        sampling: fingerprint.shared(),
      }
    },
  }
}

/** SHA-256 over runs of equal sampling parameters: most files have one run. */
function createFingerprint() {
  const hash = createHash('sha256')
  let current = ''
  let times = 0
  let waiting = ''
  let isFirst = true
  const close = () => {
    if (times > 0) waiting += `${times}x${current}\n`
    if (waiting.length < HASHED_CHARS) return
    hash.update(waiting)
    waiting = ''
  }
  return {
    add(sampling: readonly unknown[], isNew: boolean): void {
      if (isNew || times === 0) {
        isFirst = times === 0
        close()
        current = JSON.stringify(sampling)
        times = 0
      }
      times += 1
    },
    /** What all requests have in common where they have all of it in common. */
    shared(): Record<string, unknown> | null {
      if (!isFirst || times === 0 || current.length > SHOWN_CHARS) return null
      const flat = JSON.parse(current) as unknown[]
      return Object.fromEntries(flat.flatMap((key, at) => (at % 2 === 0 ? [[String(key), flat[at + 1]]] : [])))
    },
    of(model: string | null, endpoint: string): string {
      close()
      return hash
        .update(waiting)
        .update(JSON.stringify([model, endpoint]))
        .digest('hex')
    },
  }
}
