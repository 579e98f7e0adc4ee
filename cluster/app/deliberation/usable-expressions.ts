import type { RunSpec } from '../../domain/deliberation/index.ts'
import type { AdditionalCheck } from '../../messages/additional-checks.ts'
import type { SubmittedDeliberation } from '../../messages/deliberation.ts'
import type { Checks } from '../../ports/checks.ts'
import { refuse, type Refusal } from '../refusal.ts'

/** Requirements by id; an expression that cannot be used is refused before a model is called. */
export async function resolveRequirements(
  checks: Checks,
  input: SubmittedDeliberation,
): Promise<RunSpec['requirements'] | Refusal> {
  const requirements: RunSpec['requirements'] = []
  for (const [index, given] of (input.constraints.requirements ?? []).entries()) {
    const { text, expression } = typeof given === 'string' ? { text: given } : given
    if (expression !== undefined) {
      const fault = await checks.faultOf({ applies_to: 'text', test: { kind: 'expression', expression } })
      const field = `constraints.requirements.${index}.expression`
      if (fault !== null)
        return refuse('invalid-input', `The expression of requirement ${index + 1} cannot be used: ${fault}.`, { field })
    }
    requirements.push({ id: `R${index + 1}`, text, ...(expression !== undefined && { expression }) })
  }
  return requirements
}

/** An additional check that cannot be used is refused before a model is called. */
export async function whyNoCheck(checks: Checks, additional: readonly AdditionalCheck[]): Promise<Refusal | undefined> {
  for (const [index, { check_type, expression }] of additional.entries()) {
    const fault = await checks.faultOfScored(expression)
    if (fault !== null)
      return refuse('invalid-input', `The check ${check_type} cannot be used: ${fault}.`, {
        field: `constraints.additional_checks.${index}.expression`,
      })
  }
  return undefined
}
