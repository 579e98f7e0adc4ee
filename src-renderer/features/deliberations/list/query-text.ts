import { runFilter, type RunFilter } from '../../../../src-preload/contract/deliberation.ts'

/** One condition of a written query: `status:running,waiting` or a word to search for (`field` null). */
export interface Term {
  readonly field: Field | null
  readonly value: string
}

export const fields = ['status', 'role', 'model', 'outcome', 'archived', 'after', 'before'] as const
export type Field = (typeof fields)[number]

/** The word of each status, as it is written and shown. */
const statusWords = {
  running: 'IN_PROGRESS',
  waiting: 'PENDING',
  done: 'COMPLETED',
  failed: 'FAILED',
  'timed-out': 'TIMEOUT',
  cancelled: 'CANCELLED',
} as const

/** The word for a status. */
export function statusName(status: string): string {
  return Object.entries(statusWords).find(([, value]) => value === status)?.[0] ?? status
}

/** What each field may say where there is a fixed choice. */
export const choices: Partial<Readonly<Record<Field, readonly string[]>>> = {
  status: Object.keys(statusWords),
  outcome: ['none', 'accepted', 'rejected', 'corrected'],
  archived: ['yes', 'any'],
  after: ['today', '24h', '7d', '30d'],
}

const TERM = /(?:([a-z]+):)?("[^"]*"|[^\s"]+)/gi

/** Terms in the order written; a value with blanks stands in quotes. A word before a colon that is no field is searched for as it is. */
export function termsOf(text: string): readonly Term[] {
  return [...text.matchAll(TERM)].map(([whole, name, value = '']) => {
    const field = fields.find((one) => one === name?.toLowerCase())
    return field === undefined ? { field: null, value: bare(whole) } : { field, value: bare(value) }
  })
}

export function textOf(terms: readonly Term[]): string {
  return terms
    .map(({ field, value }) => (field === null ? value : `${field}:${/\s/.test(value) ? `"${value}"` : value}`))
    .join(' ')
}

/** The query with one more condition; values of a field that is there already are put beside each other. */
export function withTerm(text: string, field: Field, value: string): string {
  const terms = termsOf(text)
  const joins = field === 'status' || field === 'role' || field === 'model' || field === 'outcome'
  const known = terms.find((term) => term.field === field)
  if (!known) return textOf([...terms, { field, value }])
  const next = joins ? [...new Set([...known.value.split(','), value])].join(',') : value
  return textOf(terms.map((term) => (term === known ? { field, value: next } : term)))
}

/** Words that look like a condition and are none, such as `cost>0` or `owner:me`: they are searched for. */
export function looksLikeCondition(text: string): readonly string[] {
  return termsOf(text)
    .filter((term) => term.field === null && /^[a-z_]+\s*([<>=]|:[^/\s])/i.test(term.value))
    .map((term) => term.value)
}

export interface ReadQuery {
  readonly filter: RunFilter
  /** What could not be understood, in words; such terms are left out of the filter. */
  readonly problems: readonly string[]
}

/** What a written query means at `now`. Terms of one field add up; the rest is one text to search for. */
export function readQuery(text: string, now: number): ReadQuery {
  const terms = termsOf(text)
  const problems: string[] = []
  const valuesOf = (field: Field) =>
    terms.filter((term) => term.field === field).flatMap(({ value }) => value.split(',').filter(Boolean))
  const known = <T>(field: Field, meanings: Readonly<Record<string, T>>): T[] =>
    valuesOf(field).flatMap((value) => {
      const meaning = Object.entries(meanings).find(([word]) => word === value.toLowerCase())
      if (meaning) return [meaning[1]]
      problems.push(`${field}:${value} is not known; there are ${Object.keys(meanings).join(', ')}`)
      return []
    })
  const moment = (field: 'after' | 'before'): number | null => {
    const value = valuesOf(field).at(-1)
    if (value === undefined) return null
    const at = momentOf(value, now)
    if (at === null)
      problems.push(`${field}:${value} is no time; write ${field}:2026-07-16, ${field}:24h, ${field}:7d or ${field}:today`)
    return at
  }
  const filter = runFilter.safeParse({
    status: [...new Set(known('status', statusWords))],
    role: valuesOf('role'),
    model: valuesOf('model'),
    outcome: [...new Set(known('outcome', { none: 'none', accepted: 'accepted', rejected: 'rejected', corrected: 'corrected' }))],
    archived: known('archived', { yes: 'yes', any: 'any', no: 'no' }).at(-1) ?? 'no',
    created_from: moment('after'),
    created_to: moment('before'),
    text: terms
      .filter((term) => term.field === null)
      .map((term) => term.value)
      .join(' ')
      .slice(0, 200),
  })
  if (filter.success) return { filter: filter.data, problems }
  return { filter: runFilter.parse({}), problems: [...problems, 'the query is too long'] }
}

const SPANS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** A local date, a date and time, `today`, or how long ago. */
function momentOf(value: string, now: number): number | null {
  if (value.toLowerCase() === 'today') return new Date(now).setHours(0, 0, 0, 0)
  const span = /^(\d{1,5})([mhdw])$/.exec(value)
  if (span) return now - Number(span[1]) * (Object.entries(SPANS).find(([unit]) => unit === span[2])?.[1] ?? 0)
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/.test(value)) return null
  const at = new Date(value.includes('T') ? value : `${value}T00:00`).getTime()
  return Number.isNaN(at) ? null : at
}

const bare = (value: string): string => value.replaceAll('"', '')
