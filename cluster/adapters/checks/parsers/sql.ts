import { init, validate } from '@polyglot-sql/sdk'
import { holdsTemplate, parsed, placeOf, skipped, TEMPLATE_REASON, type Parse } from '../finding.ts'

/** A fence that only says "sql" may hold any of these; what one of them accepts is sound. */
const COMMON_DIALECTS = ['generic', 'postgresql', 'mysql', 'sqlite', 'tsql', 'oracle', 'bigquery', 'snowflake', 'clickhouse']

let ready: Promise<void> | undefined

export const parseSql: Parse = async (text, dialect) => {
  // Commands of a client (psql, mysql, sqlplus, sqlite3) are not SQL.
  if (/^[ \t]*(\\\w|DELIMITER\b|\.\w|SET SERVEROUTPUT\b|GO[ \t]*$)/im.test(text))
    return skipped('it has commands of an SQL client')
  await (ready ??= init())
  const dialects = dialect === 'any' ? COMMON_DIALECTS : [dialect]
  let first: ReturnType<typeof validate> | undefined
  for (const each of dialects) {
    const result = validate(text, each)
    if (result.valid) return parsed([])
    first ??= result
  }
  const errors = first?.errors ?? []
  if (errors.some((error) => error.message.startsWith('E_GUARD'))) return skipped('it is nested deeper than the parser goes')
  if (holdsTemplate(text)) return skipped(TEMPLATE_REASON)
  return parsed(
    errors.map(({ start, message, code, severity, line, column }) => ({
      ...(start === undefined ? { line: line ?? 1, column: column ?? 1 } : placeOf(text, start)),
      rule: code,
      message,
      severity: severity === 'warning' ? ('warning' as const) : ('error' as const),
    })),
  )
}
