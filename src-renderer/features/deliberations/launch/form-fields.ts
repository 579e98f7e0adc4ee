/** The part of the form that a refused field belongs to. */
export type FormField =
  | {
      readonly part:
        | 'task'
        | 'attachments'
        | 'requirements'
        | 'sections'
        | 'role'
        | 'rounds'
        | 'seed'
        | 'rubric'
        | 'rubricWeight'
        | 'architectRubric'
        | 'additionalChecks'
        | 'architect'
        | 'quorum'
        | 'consensusCosine'
        | 'agentCount'
        | 'maxTokens'
    }
  | { readonly part: 'agent'; readonly index: number; readonly what: 'model' | 'temperature' }
  | {
      readonly part: 'limit'
      readonly name: 'timeout_seconds' | 'call_timeout_seconds' | 'tokens' | 'cost_micro_usd' | 'max_retries'
    }

const limits = ['timeout_seconds', 'call_timeout_seconds', 'tokens', 'cost_micro_usd', 'max_retries'] as const

/** Where a refusal's dotted path stands in the form; null where it has no field of its own. */
export function formFieldOf(path: string): FormField | null {
  const [head, second, third] = path.replace(/^run\./, '').split('.')
  switch (head) {
    case 'task':
    case 'attachments':
    case 'role':
    case 'rounds':
    case 'seed':
      return { part: head }
    case 'num_agents':
      return { part: 'agentCount' }
    case 'max_tokens':
      return { part: 'maxTokens' }
    case 'model':
      return { part: 'agent', index: 0, what: 'model' }
    case 'agents':
      return second === undefined
        ? { part: 'agentCount' }
        : { part: 'agent', index: Number(second), what: third === 'temperature' ? 'temperature' : 'model' }
    case 'constraints':
      if (second === 'required_sections') return { part: 'sections' }
      if (second === 'additional_checks') return { part: 'additionalChecks' }
      if (second === 'architect_rubric') return { part: 'architectRubric' }
      return { part: second === 'requirements' ? 'requirements' : 'rubric' }
    case 'options':
      if (second === 'rubric_weight') return { part: 'rubricWeight' }
      if (second === 'consensus_cosine') return { part: 'consensusCosine' }
      return { part: second === 'quorum' ? 'quorum' : 'architect' }
    case 'limits': {
      const name = limits.find((limit) => limit === second)
      return name === undefined ? null : { part: 'limit', name }
    }
    case undefined:
    default:
      return null
  }
}

export interface Refusal {
  /** Null: it concerns no field. */
  readonly field: FormField | null
  readonly message: string
}

/** The message of a refusal if it stands at this place of the form. */
export function messageAt(refusal: Refusal | null, wanted: FormField): string | undefined {
  return refusal?.field && JSON.stringify(refusal.field) === JSON.stringify(wanted) ? refusal.message : undefined
}
