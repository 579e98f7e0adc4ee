import { expect, it } from 'vitest'
import type { Check } from '../shapes.ts'
import { checkParts } from './check-findings.ts'

const result = (details: Check['details']): Check => ({ check: 'lint', status: 'failed', message: '', warnings: 0, details })

it('names the line, the column and the rule of what lint found, how many more there are, and what it passed over', () => {
  const error = { line: 7, block_line: 2, column: 3, rule: 'duplicate-key', message: 'Twice.', language: 'yaml' }
  expect(
    checkParts(
      result({
        kind: 'lint',
        error_count: 30,
        warning_count: 1,
        errors: [{ ...error, severity: 'error' }],
        blocks: [
          { language: 'yaml', line: 5, skipped: null },
          { language: 'rust', line: 20, skipped: 'no parser for it.' },
        ],
        blocks_left_out: 2,
      }),
    ),
  ).toEqual({
    findings: [{ key: '0', tone: 'bad', line: 7, rule: 'yaml duplicate-key', message: 'Twice.', place: 'column 3' }],
    notes: ['First 1 of 31.', 'rust in line 20 was passed over: no parser for it.', '2\u00a0more blocks not looked at.'],
  })
})

it('names a required section that lint misses, with its line', () => {
  const message = 'The section “Risks” is missing: no heading has this name.'
  const error = { line: 40, block_line: 40, column: 1, rule: 'section-missing', message, language: 'Markdown' }
  const details = { kind: 'lint' as const, error_count: 1, warning_count: 0, blocks: [], blocks_left_out: 0 }
  expect(checkParts(result({ ...details, errors: [{ ...error, severity: 'error' }] })).findings).toEqual([
    { key: '0', tone: 'bad', line: 40, rule: 'Markdown section-missing', message, place: 'column 1' },
  ])
})

it('names the rule that was broken, and where', () => {
  const where = { line: 4, path: 'spec.containers[0].image' }
  const violation = { rule: 'no-latest-tag', severity: 'warn' as const, message: 'Pin it.', where }
  expect(
    checkParts(result({ kind: 'policy', rules: ['no-latest-tag', 'no-secrets'], violation_count: 1, violations: [violation] })),
  ).toEqual({
    findings: [{ key: '0', tone: 'warn', line: 4, rule: 'no-latest-tag', message: 'Pin it.', place: where.path }],
    notes: [],
  })
})

it('says what a dry run was made against, and which manifests it could not know', () => {
  expect(
    checkParts(
      result({
        kind: 'dryrun',
        against: 'offline schema, Kubernetes 1.37',
        output: '',
        exit_code: null,
        problem_count: 1,
        problems: [{ manifest: 'Pod/web', line: 3, path: 'spec', message: 'containers is missing' }],
        skipped: [{ manifest: 'RayCluster/ray', reason: 'not part of Kubernetes.' }],
      }),
    ),
  ).toEqual({
    findings: [{ key: '0', tone: 'bad', line: 3, rule: 'Pod/web', message: 'containers is missing', place: 'spec' }],
    notes: ['Against: offline schema, Kubernetes 1.37.', 'RayCluster/ray was passed over: not part of Kubernetes.'],
  })
})

it('has no parts for a result from before there were any', () => {
  expect(checkParts(result(undefined))).toEqual({ findings: [], notes: [] })
})
