import * as z from 'zod'
import { apiKeyView, newApiKey } from '../../cluster/messages/api-keys.ts'
import { command, stream } from './define.ts'

export type { ApiKeyView, NewApiKey } from '../../cluster/messages/api-keys.ts'

/** Keys of the HTTP API beside the gateway's own token, which is the owner's. */
export const key = {
  watch: stream(z.strictObject({}), z.object({ keys: z.array(apiKeyView) })),
  /** The key itself is in this answer and can never be read again. */
  create: command(newApiKey, z.object({ key: z.string(), view: apiKeyView })),
  /** Its requests are refused from then on; those under way end, and its batches run on. */
  revoke: command(z.strictObject({ id: z.string() }), z.object({})),
}
