/** What checks found in a text; mirrors the zod shapes of `cluster/messages` like the rest of the types. */

interface LintError {
  readonly line: number
  readonly block_line: number
  readonly column: number
  readonly rule: string
  readonly message: string
  readonly language: string
  readonly severity: 'error' | 'warning'
}

interface LintDetails {
  readonly kind: 'lint'
  readonly error_count: number
  readonly warning_count: number
  readonly errors: LintError[]
  readonly blocks: { readonly language: string; readonly line: number; readonly skipped: string | null }[]
  readonly blocks_left_out: number
}

interface PolicyViolation {
  readonly rule: string
  readonly severity: 'deny' | 'warn' | 'error'
  readonly message: string
  readonly where: { readonly line: number | null; readonly path: string | null }
}

interface PolicyDetails {
  readonly kind: 'policy'
  readonly rules: string[]
  readonly violation_count: number
  readonly violations: PolicyViolation[]
}

interface DryRunDetails {
  readonly kind: 'dryrun'
  readonly against: string
  readonly output: string
  readonly exit_code: number | null
  readonly problem_count: number
  readonly problems: { readonly manifest: string; readonly line: number; readonly path: string; readonly message: string }[]
  readonly skipped: { readonly manifest: string; readonly reason: string }[]
}

export interface CheckResult {
  readonly check: string
  readonly status: 'passed' | 'failed' | 'skipped' | 'error'
  readonly message: string
  readonly warnings: number
  readonly score?: number | undefined
  readonly details?: LintDetails | PolicyDetails | DryRunDetails | undefined
}

export interface AgentChecks {
  readonly agent_id: string
  readonly checks: CheckResult[]
}
