import * as z from 'zod'
import { nearestName } from './nearest-name.ts'

type Issue = Parameters<z.core.$ZodErrorMap>[0]

const LISTED = 20
const SHOWN_CHARS = 60
const MOST_NAMED = 4
const MOST_KNOWN = 12
/** A value of another kind may be repeated here; where a text or an object would do it may be a secret or long. */
const SHOWN_WHERE_WRONG: ReadonlySet<string> = new Set(['number', 'int', 'boolean'])

/** What an issue of a schema says of its field: words that follow the field's name, such as "is to be at most 5, not 7". */
export function wordingOf(issue: Issue): string {
  const { input } = issue
  switch (issue.code) {
    case 'invalid_type':
      return wrongKind(kindWanted(issue.expected, issue.inst), input, SHOWN_WHERE_WRONG.has(issue.expected))
    case 'invalid_value':
      return `${wrongKind(oneOf(issue.values), input, true)}${meant(input, issue.values)}`
    case 'too_small':
      return bound(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive === false ? 'more than' : 'at least',
        issue.minimum,
        input,
      )
    case 'too_big':
      return bound(
        issue.origin,
        issue.exact ? 'exactly' : issue.inclusive === false ? 'less than' : 'at most',
        issue.maximum,
        input,
      )
    case 'not_multiple_of':
      return `is to be a multiple of ${issue.divisor}`
    case 'invalid_format':
      return `is to be ${formOf(issue)}`
    case 'unrecognized_keys':
      return unknownFields(issue.keys, issue.inst)
    case 'invalid_key':
      return `has the key ${quoted(issue.path?.at(-1))}, which ${issue.issues[0]?.message ?? 'it may not have'}`
    case 'invalid_union':
      return wrongBranch(issue, input)
    case 'invalid_element':
    case 'custom':
      return 'is not valid'
  }
}

/** The kinds of value that would do, of issues that each refuse the whole value. */
export function wrongKindOfAll(issues: readonly z.core.$ZodIssue[], input: unknown): string {
  const values = issues.flatMap((issue) => (issue.code === 'invalid_value' ? issue.values : []))
  if (values.some((value) => typeof value === typeof input))
    return `${wrongKind(oneOf(values), input, true)}${meant(input, values)}`
  const kinds = issues.flatMap((issue) => (issue.code === 'invalid_type' ? nounOf(issue.expected) : []))
  return wrongKind(listed([...new Set([...kinds, ...(values.length > 0 ? [oneOf(values)] : [])])], 'or'), input, false)
}

/** Text from outside on one line, cut, in double quotes. */
function quoted(value: unknown): string {
  const text = String(value)
  return JSON.stringify(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text)
}

/** `a, b or c`. */
function listed(words: readonly string[], last: 'or' | 'and'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`
}

/** `shows`: the value itself is repeated. */
function wrongKind(wanted: string, input: unknown, shows: boolean): string {
  if (input === undefined) return `is missing: it is to be ${wanted}`
  if (typeof input === 'number' && !Number.isFinite(input)) return `is to be ${wanted}`
  return `is to be ${wanted}, not ${shows && isPlain(input) ? shownOf(input) : kindOf(input)}`
}

function wrongBranch(issue: Extract<Issue, { code: 'invalid_union' }>, input: unknown): string {
  if (issue.inclusive === false) return 'may be read in more than one way'
  if (issue.discriminator === undefined || !issue.options) return 'is of no kind that is taken here'
  const given = (input as Record<string, unknown> | null)?.[issue.discriminator]
  return `${wrongKind(oneOf(issue.options), given, true)}${meant(given, issue.options)}`
}

function oneOf(values: readonly unknown[]): string {
  const shown = values.slice(0, LISTED).map(shownOf)
  if (values.length > LISTED) return `one of ${shown.join(', ')} and ${values.length - LISTED} others`
  return values.length > 2 ? `one of ${listed(shown, 'or')}` : listed(shown, 'or')
}

function meant(input: unknown, values: readonly unknown[]): string {
  const texts = values.filter((value) => typeof value === 'string')
  const near = typeof input === 'string' && texts.length > 3 ? nearestName(input, texts) : undefined
  return near === undefined ? '' : `; did you mean ${quoted(near)}?`
}

function bound(origin: string, how: string, limit: number | bigint, input: unknown): string {
  switch (origin) {
    case 'string':
      if (input === '' && limit === 1) return 'is empty'
      return `is to have ${how} ${limit} ${limit === 1 ? 'character' : 'characters'}, not ${String(input).length}`
    case 'array':
    case 'set':
    case 'map': {
      const size = Array.isArray(input) ? input.length : 0
      const wanted = `is to have ${how} ${limit} ${limit === 1 ? 'entry' : 'entries'}`
      return size === 0 ? `is empty: it ${wanted}` : `${wanted}, not ${size}`
    }
    default:
      return `is to be ${how} ${limit}${isPlain(input) ? `, not ${shownOf(input)}` : ''}`
  }
}

const forms: Readonly<Record<string, string>> = {
  url: 'an address such as https://host/path',
  email: 'an e-mail address',
  uuid: 'a UUID',
  datetime: 'a time such as 2026-01-31T12:00:00Z',
  date: 'a date such as 2026-01-31',
  base64: 'base64',
  json_string: 'JSON',
}

function formOf(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  if (issue.format === 'regex' && 'pattern' in issue) return `of the form ${issue.pattern ?? ''}`
  if (issue.format === 'starts_with' && 'prefix' in issue) return `a text that begins with ${quoted(issue.prefix)}`
  return forms[issue.format] ?? `of the form ${issue.format}`
}

function unknownFields(keys: readonly string[], schema: unknown): string {
  const fields = schema instanceof z.ZodObject ? (schema.shape as Readonly<Record<string, z.ZodType>>) : {}
  const [key = ''] = keys
  if (keys.length === 1) return `has an unknown field, \`${nameOf(key)}\`${hint(key, fields)}`
  const named = keys.slice(0, LISTED).map((each) => `\`${nameOf(each)}\`${suggestion(each, fields, ' (did you mean ', '?)')}`)
  return `has unknown fields: ${named.join(', ')}${keys.length > LISTED ? ` and ${keys.length - LISTED} others` : ''}`
}

function hint(key: string, fields: Readonly<Record<string, z.ZodType>>): string {
  const parents = Object.keys(fields).filter((name) => key in shapeOf(fields[name]))
  if (parents.length > 0) return `; it belongs in ${listed(parents.map(marked), 'or')}`
  const suggested = suggestion(key, fields, '; did you mean ', '?')
  if (suggested !== '') return suggested
  const names = Object.keys(fields)
  return names.length === 0 || names.length > MOST_KNOWN ? '' : `; known are ${listed(names.map(marked), 'and')}`
}

const marked = (name: string): string => `\`${name}\``

function suggestion(key: string, fields: object, before: string, after: string): string {
  const near = nearestName(key, Object.keys(fields))
  return near === undefined ? '' : `${before}\`${near}\`${after}`
}

/** The fields of an object that may be left out or has a default. */
function shapeOf(schema: unknown): object {
  if (schema instanceof z.ZodObject) return schema.shape
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return shapeOf(schema.unwrap())
  return {}
}

/** A field's name from outside, fit for a sentence. */
export function nameOf(name: PropertyKey): string {
  return quoted(name).slice(1, -1)
}

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  never: 'left out',
}

const nounOf = (expected: string): string => nouns[expected] ?? expected

/** A small object with the names of its fields. */
function kindWanted(expected: string, schema: unknown): string {
  if (schema instanceof z.ZodNumberFormat) return nounOf('int')
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const small = names.length > 0 && names.length <= MOST_NAMED
  return small
    ? `an object with ${listed(
        names.map((name) => `\`${name}\``),
        'and',
      )}`
    : nounOf(expected)
}

function kindOf(input: unknown): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  return nouns[typeof input] ?? typeof input
}

function isPlain(input: unknown): input is string | number | boolean {
  return typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean'
}

function shownOf(input: unknown): string {
  return typeof input === 'string' ? quoted(input) : String(input)
}
