import * as z from 'zod'
import { deliberationBoard } from './deliberation-views.ts'

/** A whole run as a file: everything its board shows, every text in full. Raise `version` when a reader of the old one would fail. */
export const deliberationExport = z.object({
  format: z.literal('signalbox.deliberation'),
  version: z.literal(1),
  exported_at: z.int(),
  run: deliberationBoard,
})
export type DeliberationExport = z.infer<typeof deliberationExport>
