import * as z from 'zod'

/** What a key may be used for. Reading what a scope writes belongs to it; `read` reads everything. */
const apiScope = z.enum(['chat', 'embeddings', 'batches', 'files', 'deliberations', 'read'])
export type ApiScope = z.infer<typeof apiScope>

/** How often a key may be used; see the limits in the domain. */
const apiTier = z.enum(['free', 'basic', 'premium', 'enterprise', 'owner'])

/** A key that was given out, in small state under `apikey.<id>`. Of the key itself only its SHA-256 is kept. */
export const apiKey = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{8,32}$/),
  name: z.string().min(1),
  /** The last characters, to tell keys apart. */
  hint: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(apiScope),
  tier: apiTier,
  /** Milliseconds since the epoch. */
  created_at: z.int(),
})
export type ApiKey = z.infer<typeof apiKey>

export const newApiKey = z.strictObject({
  name: z.string().trim().min(1).max(60),
  scopes: z.array(apiScope).min(1),
  tier: apiTier,
})
export type NewApiKey = z.infer<typeof newApiKey>

/** A key as it may be shown. `last_used_at`: since this process started. */
export const apiKeyView = apiKey.omit({ sha256: true }).extend({ last_used_at: z.int().nullable() })
export type ApiKeyView = z.infer<typeof apiKeyView>
