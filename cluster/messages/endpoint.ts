import * as z from 'zod'

/** An OpenAI-compatible endpoint, stored in small state under `endpoint.<id>`. Its key is a secret and lives elsewhere. */
export const endpointSettings = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/),
  name: z.string().min(1),
  base_url: z.url({ protocol: /^https?$/ }),
  /** The models to offer; null = those the server lists. */
  models: z.array(z.string().min(1)).nullable(),
  /** Calls at once. */
  parallel: z.int().min(1).max(256),
  /** Take the answer of another model than the one asked for, and say so, instead of failing. */
  allow_substitution: z.boolean(),
})
export type EndpointSettings = z.infer<typeof endpointSettings>
