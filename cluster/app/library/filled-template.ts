import { bracesOf, filledIn, placeholdersIn } from '../../messages/placeholders.ts'
import { templateRun, type Template, type TemplateRun } from '../../messages/templates.ts'
import { refuse, type Refusal } from '../refusal.ts'

export interface Filled {
  readonly kind: 'filled'
  readonly run: TemplateRun
}

/** The run of a template with a value in place of each placeholder. A value that is missing, or for nothing, is refused by its name. */
export function filledTemplate({ template_id, run }: Template, values: Readonly<Record<string, string>>): Filled | Refusal {
  const { requirements } = run.constraints
  const texts = (requirements ?? []).map((given) => (typeof given === 'string' ? given : given.text))
  const wanted = placeholdersIn([run.task, ...texts])
  const asks = wanted.length === 0 ? 'it asks for none' : `it asks for ${bracesOf(wanted)}`
  const missing = wanted.filter((name) => (values[name] ?? '').trim() === '')
  if (missing.length > 0)
    return refuse('invalid-input', `The template "${template_id}" needs a value for ${bracesOf(missing)}; ${asks}.`, {
      field: `values.${missing[0] ?? ''}`,
    })
  const unknown = Object.keys(values).find((name) => !wanted.includes(name))
  if (unknown !== undefined)
    return refuse('invalid-input', `The template "${template_id}" has no placeholder {{${unknown}}}; ${asks}.`, {
      field: `values.${unknown}`,
    })
  const filled = templateRun.safeParse({
    ...run,
    task: filledIn(run.task, values),
    constraints: {
      ...run.constraints,
      ...(requirements && {
        requirements: requirements.map((given) =>
          typeof given === 'string' ? filledIn(given, values) : { ...given, text: filledIn(given.text, values) },
        ),
      }),
    },
  })
  if (filled.success) return { kind: 'filled', run: filled.data }
  const [issue] = filled.error.issues
  return refuse(
    'invalid-input',
    `With these values the run cannot be sent: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    {
      field: 'values',
    },
  )
}
