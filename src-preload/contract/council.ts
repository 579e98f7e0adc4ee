import * as z from 'zod'
import { council as councilShape, councilView } from '../../cluster/messages/councils.ts'
import { command, stream } from './define.ts'

const byId = z.strictObject({ council_id: councilShape.shape.council_id })

/** The teams that an operator keeps. */
export const council = {
  /** Every council by id, with its state. */
  watch: stream(z.strictObject({}), z.object({ councils: z.array(councilView) })),
  /** `conflict` when the id is taken, `invalid-input` for an unknown role or two agents of one id. */
  create: command(z.strictObject({ council: councilShape }), z.object({ council: councilShape })),
  /** Replaces it whole; `not-found` when there is none. */
  change: command(z.strictObject({ council: councilShape }), z.object({ council: councilShape })),
  /** Runs that were launched with it keep their copy. */
  remove: command(byId, z.object({})),
}
