import * as z from 'zod'
import { additionalChecks } from './additional-checks.ts'
import { agentInput, revisionBy } from './deliberation.ts'

/** How a council works where a run does not say otherwise. */
export const councilConfig = z.strictObject({
  deliberation_rounds: z.int().min(0).max(5).default(1),
  enable_peer_review: z.boolean().default(true),
  revision_by: revisionBy.default('author'),
  /** Checks that its runs add to the suite. */
  additional_checks: additionalChecks.optional(),
})

/** A team that is kept: who argues, and how. A run takes a copy at launch. Kept in small state under `council.<id>`. */
export const council = z.strictObject({
  council_id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'lower-case letters, digits and hyphens'),
  title: z.string().trim().min(1).max(60),
  role: z.string().trim().min(1).max(40),
  agents: z.array(agentInput).min(1).max(15),
  config: councilConfig.prefault({}),
})
export type Council = z.infer<typeof council>

/**
 * A council with its state. `active`: a run of it is in motion and not all of its agents are asked just now; `busy`: all are;
 * `unavailable`: a model that its agents need is not served, or none is (`reason` says which).
 */
export const councilView = council.extend({
  num_agents: z.int().positive(),
  status: z.enum(['idle', 'active', 'busy', 'unavailable']),
  reason: z.string().nullable(),
})
export type CouncilView = z.infer<typeof councilView>
