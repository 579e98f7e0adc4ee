import * as z from 'zod'
import { submitDeliberation } from './deliberation.ts'

/** What a template says of a run: all but what belongs to one run alone. Its task may be empty, or ask for words in `{{braces}}`. */
export const templateRun = submitDeliberation
  .omit({ title: true, attachments: true, rerun_of: true, metadata: true })
  .extend({ task: z.string().max(100_000) })
export type TemplateRun = z.output<typeof templateRun>

/** A launch form that is kept under a name. Shipped ones stand in resources, the operator's in small state under `template.<id>`. */
export const template = z.strictObject({
  template_id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens'),
  title: z.string().trim().min(1).max(60),
  description: z.string().trim().max(200).default(''),
  run: templateRun,
})
export type Template = z.output<typeof template>

/** What may be changed of one; what is left out stays. */
export const templateChange = z.strictObject({
  template_id: template.shape.template_id,
  title: template.shape.title.optional(),
  description: z.string().trim().max(200).optional(),
  run: templateRun.optional(),
})
export type TemplateChange = z.output<typeof templateChange>

/** A template as lists show it. A shipped one cannot be changed or removed, only hidden or copied. */
export const templateView = template.extend({ shipped: z.boolean(), hidden: z.boolean() })
export type TemplateView = z.output<typeof templateView>
