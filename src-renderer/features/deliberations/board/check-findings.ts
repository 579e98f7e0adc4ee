import * as format from '../../../lib/format.ts'
import type { Finding } from '../../../ui/finding-list.tsx'
import type { Check } from '../shapes.ts'

/** What a check says in parts: its findings, and in words what they are not. */
export interface CheckParts {
  readonly findings: readonly Finding[]
  /** How many more there are than are listed, what was passed over and why, what stood in for the server. */
  readonly notes: readonly string[]
}

/** A check's details as an operator reads them; empty for results from before there were any. */
export function checkParts({ details }: Check): CheckParts {
  switch (details?.kind) {
    case 'lint':
      return {
        findings: details.errors.map(({ line, column, rule, message, language, severity }, at) => ({
          key: String(at),
          tone: severity === 'error' ? 'bad' : 'warn',
          line,
          rule: `${language} ${rule}`,
          message,
          place: `column ${column}`,
        })),
        notes: [
          ...firstOf(details.errors.length, details.error_count + details.warning_count),
          ...details.blocks.flatMap(({ language, line, skipped }) =>
            skipped === null ? [] : [`${language === '' ? 'Block' : language} in line ${line} was passed over: ${skipped}`],
          ),
          ...(details.blocks_left_out > 0 ? [`${format.counted(details.blocks_left_out, 'more block')} not looked at.`] : []),
        ],
      }
    case 'policy':
      return {
        findings: details.violations.map(({ rule, severity, message, where }, at) => ({
          key: String(at),
          tone: severity === 'warn' ? 'warn' : 'bad',
          line: where.line,
          rule,
          message,
          place: where.path,
        })),
        notes: firstOf(details.violations.length, details.violation_count),
      }
    case 'dryrun':
      return {
        findings: [
          ...details.problems.map(({ manifest, line, path, message }, at) => ({
            key: String(at),
            tone: 'bad' as const,
            line,
            rule: manifest,
            message,
            place: path === '' ? null : path,
          })),
          ...(details.warnings ?? []).map(({ manifest, message }, at) => ({
            key: `warning ${at}`,
            tone: 'warn' as const,
            line: null,
            rule: manifest ?? 'dry run',
            message,
            place: null,
          })),
        ],
        notes: [
          `Against: ${details.against}.`,
          ...firstOf(details.problems.length, details.problem_count),
          ...details.skipped.map(({ manifest, reason }) => `${manifest} was passed over: ${reason}`),
        ],
      }
    case undefined:
      return { findings: [], notes: [] }
  }
}

function firstOf(listed: number, all: number): string[] {
  return listed < all ? [`First ${format.integer(listed)} of ${format.integer(all)}.`] : []
}
