import type * as z from 'zod'
import type { CommandError } from './errors.ts'
import { nameOf, wordingOf, wrongKindOfAll } from './issue-wording.ts'

export type ReadInput<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly error: CommandError & { readonly code: 'invalid-input' } }

const MOST_SENTENCES = 8

/**
 * Reads what came from outside by its schema. What is wrong is one sentence a field, with the field, the fault and what would be right;
 * `field` is the dotted path of the first. `whole` names the value itself, such as "The body".
 */
export function readInput<S extends z.ZodType>(schema: S, value: unknown, whole = 'The input'): ReadInput<z.output<S>> {
  const read = schema.safeParse(value, { error: wordingOf, reportInput: true })
  if (read.success) return read
  const faults = read.error.issues.filter(isFirstOfValue).flatMap((issue) => faultsOf(issue, []))
  const sentences = [...new Set(faults.map((fault) => sentenceOf(fault, whole)))]
  const more = sentences.length - MOST_SENTENCES
  const message = [...sentences.slice(0, MOST_SENTENCES), ...(more > 0 ? [`${more} more are wrong.`] : [])].join(' ')
  const [first] = faults
  const field = [...(first?.path ?? []), ...(first?.key === undefined ? [] : [first.key])].map(String).join('.')
  return { success: false, error: { code: 'invalid-input', message, ...(field !== '' && { field }) } }
}

interface Fault {
  readonly path: readonly PropertyKey[]
  /** Words that follow the field's name, or a sentence of the schema's own. */
  readonly message: string
  /** The unknown field within the path. */
  readonly key?: string | undefined
}

function faultsOf(issue: z.core.$ZodIssue, base: readonly PropertyKey[]): readonly Fault[] {
  const path = [...base, ...issue.path]
  const { message } = issue
  if (issue.code === 'unrecognized_keys') return [{ path, message, key: issue.keys[0] }]
  if (issue.code === 'invalid_key') return [{ path: path.slice(0, -1), message, key: String(path.at(-1)) }]
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && !isOwn(message)) return faultsOfUnion(issue, path)
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined && PREDICATE.test(message)
  return [{ path, message: isMissing ? missing(message) : message }]
}

/** Those of the member that was most likely meant: one that takes such a value at all, with the fewest faults. */
function faultsOfUnion(issue: z.core.$ZodIssueInvalidUnion, path: readonly PropertyKey[]): readonly Fault[] {
  const meant = issue.errors.filter((issues) => !issues.some(isOfWrongKind)).sort((a, b) => a.length - b.length)[0]
  if (meant) return meant.flatMap((one) => faultsOf(one, path))
  return [{ path, message: wrongKindOfAll(issue.errors.flat().filter(isOfWrongKind), issue.input) }]
}

/** Bounds say nothing of a value that is of the wrong kind. */
function isFirstOfValue(issue: z.core.$ZodIssue, index: number, all: readonly z.core.$ZodIssue[]): boolean {
  const place = issue.path.join('.')
  return !all.slice(0, index).some((earlier) => earlier.code === 'invalid_type' && earlier.path.join('.') === place)
}

function isOfWrongKind({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')
}

/** A schema's own words, not those for any union. */
function isOwn(message: string): boolean {
  return message !== wordingOf({ code: 'invalid_union', errors: [], input: undefined })
}

const missing = (message: string): string => (message.startsWith('is missing') ? message : `is missing: it ${message}`)

/** Words of a schema that are no predicate say what the field is to be. */
const PREDICATE = /^(is|are|has|may|must|needs)\b/

function sentenceOf({ path, message }: Fault, whole: string): string {
  const field = path.map(nameOf).join('.')
  const subject = field === '' ? whole : `\`${field}\``
  const own = /^[\p{Lu}`]/u.test(message)
  if (!own) return ended(`${subject} ${PREDICATE.test(message) ? '' : 'is to be '}${message}`)
  const isNamed = field === '' || message.toLowerCase().includes(String(path.at(-1)).toLowerCase())
  return ended(isNamed ? message : `${subject}: ${message}`)
}

const ended = (sentence: string): string => (/[.?!]$/.test(sentence) ? sentence : `${sentence}.`)
