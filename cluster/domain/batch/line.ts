import { scanJson } from './json-scan.ts'

/** What is wrong with a line, by the codes of the report; `param` is the dotted path of the field. */
export interface LineFault {
  readonly code: string
  readonly param: string | null
  readonly message: string
}

/** What the lines of a file have in common. `model` null: none was named yet. */
export interface LineRules {
  readonly endpoint: string
  readonly model: string | null
}

/** What a line says of its request. `chars` of text go in; `maxTokens` for each of `answers`. */
export interface LineRequest {
  customId: string
  model: string
  chars: number
  messages: number
  /** Inputs of an embedding; 1 elsewhere. */
  inputs: number
  maxTokens: number | null
  answers: number
  /** Whatever shapes the answer beside the text, as keys and values by turns; and whether that is not what the line before had. */
  readonly sampling: unknown[]
  isSampledAnew: boolean
}

/** For `checkLine` to fill. */
export function emptyRequest(): LineRequest {
  const none = { customId: '', model: '', chars: 0, messages: 0, inputs: 1, maxTokens: null, answers: 1 }
  return { ...none, sampling: [], isSampledAnew: true }
}

const MAX_CUSTOM_ID = 512
const ROLES: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function'])

/**
 * Holds one parsed line against the rules. Fills `request`, which is reused from line to line, and tells faults to `report`; what it
 * filled is of no use after a fault.
 */
export function checkLine(line: unknown, rules: LineRules, request: LineRequest, report: (fault: LineFault) => void): void {
  request.customId = ''
  if (!isObject(line)) return report(fault('invalid_json', null, 'A line must be one JSON object.'))
  const { custom_id: customId, method, url, body } = line
  if (customId === undefined) report(fault('missing_custom_id', 'custom_id', 'custom_id is missing: each request needs its own.'))
  else if (typeof customId !== 'string' || customId === '')
    report(fault('missing_custom_id', 'custom_id', 'custom_id must be a text that is not empty.'))
  else if (customId.length > MAX_CUSTOM_ID)
    report(fault('invalid_custom_id', 'custom_id', `custom_id is longer than ${MAX_CUSTOM_ID} characters.`))
  if (method !== 'POST') report(fault('wrong_method', 'method', `method must be "POST", not ${shown(method)}.`))
  if (url !== rules.endpoint)
    report(fault('wrong_url', 'url', `url must be the endpoint of the batch, "${rules.endpoint}", not ${shown(url)}.`))
  request.customId = typeof customId === 'string' ? customId : ''
  if (!isObject(body)) return report(fault('invalid_body', 'body', `body must be an object, not ${shown(body)}.`))
  checkBody(body, rules, request, report)
}

type Body = Readonly<Record<string, unknown>>

function checkBody(body: Body, rules: LineRules, request: LineRequest, report: (fault: LineFault) => void): void {
  request.chars = 0
  request.messages = 0
  request.inputs = 1
  request.maxTokens = null
  request.answers = 1
  request.model = ''
  request.isSampledAnew = false
  let sampled = 0
  const invalid = (param: string, message: string) => report(fault('invalid_body', `body.${param}`, message))

  for (const key in body) {
    const value = body[key]
    switch (key) {
      case 'messages':
      case 'prompt':
      case 'input':
        // Looked at below, where it belongs to the endpoint.
        continue
      case 'model':
        if (typeof value !== 'string' || value === '') invalid('model', 'body.model must name a model.')
        else if (rules.model !== null && value !== rules.model)
          report(
            fault('wrong_model', 'body.model', `All requests of a file need one model: "${rules.model}", not ${shown(value)}.`),
          )
        else request.model = value
        continue
      case 'user':
      case 'metadata':
      case 'store':
        continue
      case 'stream':
        if (value === true)
          report(fault('streaming', 'body.stream', 'Answers of a batch cannot be streamed: leave body.stream out.'))
        else if (value !== false && value !== null)
          invalid('stream', `body.stream must be left out or false, not ${shown(value)}.`)
        continue
      case 'max_tokens':
      case 'max_completion_tokens':
        if (value === null) continue
        if (!isWhole(value, 1, Infinity)) invalid(key, `body.${key} must be a whole number from 1, not ${shown(value)}.`)
        else request.maxTokens = value
        break
      case 'n':
        if (value === null) continue
        if (!isWhole(value, 1, 128)) invalid('n', `body.n must be a whole number from 1 to 128, not ${shown(value)}.`)
        else request.answers = value
        break
      case 'temperature':
        checkRange(key, value, 0, 2, invalid)
        break
      case 'top_p':
      case 'min_p':
        checkRange(key, value, 0, 1, invalid)
        break
      case 'presence_penalty':
      case 'frequency_penalty':
        checkRange(key, value, -2, 2, invalid)
        break
      case 'seed':
        if (value !== null && !Number.isInteger(value)) invalid('seed', `body.seed must be a whole number, not ${shown(value)}.`)
        break
      case 'stop':
        if (value !== null && typeof value !== 'string' && !isTexts(value))
          invalid('stop', 'body.stop must be a text or a list of texts.')
        break
    }
    const plain = typeof value === 'object' ? JSON.stringify(value) : value
    if (request.sampling[sampled] !== key || request.sampling[sampled + 1] !== plain) {
      request.sampling[sampled] = key
      request.sampling[sampled + 1] = plain
      request.isSampledAnew = true
    }
    sampled += 2
  }
  if (request.sampling.length > sampled) {
    request.sampling.length = sampled
    request.isSampledAnew = true
  }
  if (body['model'] === undefined) invalid('model', 'body.model is missing: it names the model that answers.')

  if (rules.endpoint === '/v1/chat/completions') checkMessages(body['messages'], request, invalid)
  else checkInputs(rules.endpoint === '/v1/embeddings' ? 'input' : 'prompt', body, request, invalid)
}

type Invalid = (param: string, message: string) => void

function checkRange(key: string, value: unknown, low: number, high: number, invalid: Invalid): void {
  if (value === null || (typeof value === 'number' && value >= low && value <= high)) return
  invalid(key, `body.${key} must be a number from ${low} to ${high}, not ${shown(value)}.`)
}

function checkMessages(messages: unknown, request: LineRequest, invalid: Invalid): void {
  if (!Array.isArray(messages) || messages.length === 0)
    return invalid('messages', 'body.messages must be a list of at least one message.')
  request.messages = messages.length
  for (let index = 0; index < messages.length; index++) {
    const message: unknown = messages[index]
    if (!isObject(message)) invalid(`messages.${index}`, 'A message must be an object with role and content.')
    else {
      const { role, content } = message
      if (!ROLES.has(role)) invalid(`messages.${index}.role`, `role must be one of ${[...ROLES].join(', ')}, not ${shown(role)}.`)
      if (typeof content === 'string') request.chars += content.length
      else if (Array.isArray(content)) checkParts(content, index, request, invalid)
      else if (role !== 'assistant' || (content !== undefined && content !== null))
        invalid(`messages.${index}.content`, `content must be a text or a list of parts, not ${shown(content)}.`)
    }
  }
}

function checkParts(parts: readonly unknown[], index: number, request: LineRequest, invalid: Invalid): void {
  for (const [place, part] of parts.entries()) {
    if (!isObject(part) || typeof part['type'] !== 'string')
      invalid(`messages.${index}.content.${place}`, 'A part of a message must be an object with a type.')
    else if (typeof part['text'] === 'string') request.chars += part['text'].length
  }
}

/** A text, a list of texts, a list of tokens, or a list of lists of tokens. */
function checkInputs(param: string, body: Body, request: LineRequest, invalid: Invalid): void {
  const value = body[param]
  if (typeof value === 'string' && value !== '') request.chars += value.length
  else if (isTexts(value)) {
    request.inputs = value.length
    for (const text of value) request.chars += text.length
  } else if (isTokens(value)) request.chars += value.length * CHARS_A_TOKEN
  else if (Array.isArray(value) && value.length > 0 && value.every(isTokens)) {
    request.inputs = value.length
    for (const tokens of value) request.chars += tokens.length * CHARS_A_TOKEN
  } else invalid(param, `body.${param} must be a text, a list of texts or a list of tokens, and not empty.`)
}

const CHARS_A_TOKEN = 4
const TOKENS_A_MESSAGE = 4

/** Input tokens as bytes suggest: four bytes a token, and some for the frame of each message. */
export function estimateTokens(bytes: number, messages: number): number {
  return Math.ceil(bytes / CHARS_A_TOKEN) + messages * TOKENS_A_MESSAGE
}

/** More input tokens than this there cannot be: a token stands for a byte at least; frames of messages are counted amply. */
export function mostTokens(bytes: number, messages: number): number {
  return bytes + messages * 4 * TOKENS_A_MESSAGE + 16
}

/** All texts of a body that were counted, one after the other: what a tokenizer is asked about. */
export function textOf(endpoint: string, body: unknown): string {
  if (!isObject(body)) return ''
  if (endpoint !== '/v1/chat/completions') return textsOf(body[endpoint === '/v1/embeddings' ? 'input' : 'prompt'])
  const messages: unknown = body['messages']
  return Array.isArray(messages)
    ? messages.map((message) => (isObject(message) ? textsOf(message['content']) : '')).join('\n')
    : ''
}

function textsOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (typeof part === 'string' ? part : isObject(part) ? textsOf(part['text']) : '')).join('\n')
}

/** Where the value of `body` lies in a line that passed the checks; characters from 0. */
export function bodySpan(text: string, line: object, customId: string): readonly [start: number, end: number] {
  return usualSpan(text, line, customId) ?? scannedSpan(text)
}

const [SPACE, OPENING, CLOSING] = [32, 123, 125]

/**
 * By a few looks, for lines of the four fields with `body` last: the first brace inside the line opens it, since nothing before holds
 * one, and the last but one closes it. (A `body` named twice is not noticed; no server takes what is then sent.)
 */
function usualSpan(text: string, line: object, customId: string): readonly [number, number] | undefined {
  let count = 0
  let last = ''
  for (const key in line) {
    count += 1
    last = key
  }
  if (count !== 4 || last !== 'body' || text.charCodeAt(0) !== OPENING || customId.includes('{')) return undefined
  const start = text.indexOf('{', 1)
  let end = text.length - 1
  while (text.charCodeAt(end) <= SPACE) end -= 1
  end -= 1
  while (text.charCodeAt(end) <= SPACE) end -= 1
  return text.charCodeAt(end) === CLOSING ? [start, end + 1] : undefined
}

function scannedSpan(text: string): readonly [number, number] {
  const scan = scanJson(text)
  return (scan.kind === 'sound' && scan.body) || [0, text.length]
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(value: unknown, low: number, high: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '')
}

function isTokens(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isWhole(one, 0, Infinity))
}

function fault(code: string, param: string | null, message: string): LineFault {
  return { code, param, message }
}

/** A value in a message, cut to be read. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
