import * as z from 'zod'
import { template as templateShape, templateChange, templateView } from '../../cluster/messages/templates.ts'
import { command, stream } from './define.ts'

export { bracesOf, filledIn, placeholdersIn } from '../../cluster/messages/placeholders.ts'

const one = z.object({ template: templateView })
const byId = z.strictObject({ template_id: templateShape.shape.template_id })

/** Launch forms that are kept under a name. */
export const template = {
  /** Shipped ones, then the operator's; hidden ones too. */
  watch: stream(z.strictObject({}), z.object({ templates: z.array(templateView) })),
  /** `conflict` when the id is taken, by a shipped one too. */
  create: command(z.strictObject({ template: templateShape }), one),
  /** Renames it or replaces its run; `conflict` for a shipped one. */
  change: command(templateChange, one),
  hide: command(byId.extend({ hidden: z.boolean() }), one),
  /** `conflict` for a shipped one: it can be hidden. */
  remove: command(byId, z.object({})),
}
