import * as z from 'zod'

/** Lines and columns count from 1. `line` is the proposal's, `block_line` that of the fenced block. */
const lintError = z.object({
  line: z.int().positive(),
  block_line: z.int().positive(),
  column: z.int().positive(),
  rule: z.string(),
  message: z.string(),
  language: z.string(),
  severity: z.enum(['error', 'warning']),
})
export type LintError = z.infer<typeof lintError>

const lintDetails = z.object({
  kind: z.literal('lint'),
  error_count: z.int().nonnegative(),
  warning_count: z.int().nonnegative(),
  /** The first ones, errors before warnings; the counts say how many there are. */
  errors: z.array(lintError),
  /** `skipped`: why a block was not parsed; null where it was. */
  blocks: z.array(z.object({ language: z.string(), line: z.int().positive(), skipped: z.string().nullable() })),
  blocks_left_out: z.int().nonnegative(),
})
export type LintDetails = z.infer<typeof lintDetails>

/** Where a rule was broken: a line of the proposal, and a place in a document where there is one. */
const policyWhere = z.object({ line: z.int().positive().nullable(), path: z.string().nullable() })

/** `error`: the rule's expression could not be evaluated there. */
const policyViolation = z.object({
  rule: z.string(),
  severity: z.enum(['deny', 'warn', 'error']),
  message: z.string(),
  where: policyWhere,
})
export type PolicyViolation = z.infer<typeof policyViolation>

const policyDetails = z.object({
  kind: z.literal('policy'),
  /** Rules and requirements that were looked at. */
  rules: z.array(z.string()),
  violation_count: z.int().nonnegative(),
  /** The first ones, those that fail the check before warnings. */
  violations: z.array(policyViolation),
})

const dryRunDetails = z.object({
  kind: z.literal('dryrun'),
  /** The server that was asked, e.g. "server of context dev, Kubernetes 1.36.3", or what stood in for it, e.g. "offline schema, Kubernetes 1.37". */
  against: z.string(),
  output: z.string(),
  /** As kubectl would end: 0 where the server takes every manifest, else 1; null where no server judged any. */
  exit_code: z.int().nullable(),
  problem_count: z.int().nonnegative(),
  /** The first ones. `line` is where the manifest begins, `path` the field in it. */
  problems: z.array(z.object({ manifest: z.string(), line: z.int().positive(), path: z.string(), message: z.string() })),
  skipped: z.array(z.object({ manifest: z.string(), reason: z.string() })),
  /** What speaks against no manifest, the first ones: of one, or of how they were checked (null). */
  warnings: z.array(z.object({ manifest: z.string().nullable(), message: z.string() })).optional(),
})

export const checkResult = z.object({
  check: z.string(),
  status: z.enum(['passed', 'failed', 'skipped', 'error']),
  message: z.string(),
  warnings: z.int().nonnegative(),
  /** Of an additional check, 0–1: what counts of it. Absent: 1 for passed, 0 for failed or error. */
  score: z.number().min(0).max(1).optional(),
  /** What the check found, part by part; absent where there is nothing to tell, and in results from before there were parts. */
  details: z.discriminatedUnion('kind', [lintDetails, policyDetails, dryRunDetails]).optional(),
})
export type CheckResult = z.infer<typeof checkResult>
