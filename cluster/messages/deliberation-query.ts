import * as z from 'zod'
import { deliberationStatus } from './deliberation.ts'
import { outcomeVerdict } from './outcome.ts'

/** Every status that a list can show: what retention removed is not listed. */
export const listedStatus = deliberationStatus.exclude(['UNKNOWN', 'EXPIRED'])
export type ListedStatus = z.infer<typeof listedStatus>

const anyOf = z.array(z.string().trim().min(1).max(120)).max(20)

/** Which runs: all conditions hold, and of each list at least one member. An empty list or null asks for nothing. */
export const runFilter = z.strictObject({
  status: z.array(listedStatus).max(6).default([]),
  /** Names of roles. */
  role: anyOf.default([]),
  /** Parts of the name of a model that takes part, whatever the case. */
  model: anyOf.default([]),
  /** `none`: nobody has said anything of the result. */
  outcome: z
    .array(z.enum(['none', ...outcomeVerdict.options]))
    .max(4)
    .default([]),
  archived: z.enum(['no', 'yes', 'any']).default('no'),
  /** Launched at or after this moment, and before the other (milliseconds since the epoch). */
  created_from: z.int().nullable().default(null),
  created_to: z.int().nullable().default(null),
  /** Part of the title, the id or the role, whatever the case. */
  text: z.string().max(200).default(''),
})
export type RunFilter = z.infer<typeof runFilter>

export const runSortKey = z.enum([
  'created',
  'title',
  'id',
  'status',
  'role',
  'agents',
  'progress',
  'leader',
  'score',
  'tokens_in',
  'tokens_out',
  'cost',
  'took',
  'ended',
  'deadline',
  'outcome',
])
export type RunSortKey = z.infer<typeof runSortKey>

/** A run without the value comes last either way; equal ones come newest first. */
export const runOrder = z.strictObject({ by: runSortKey.default('created'), descending: z.boolean().default(true) })
export type RunOrder = z.infer<typeof runOrder>

/** The one question about many runs, asked by lists, bulk commands and clients of the API. */
export const runQuery = z.strictObject({ filter: runFilter.prefault({}), order: runOrder.prefault({}) })
export type RunQuery = z.infer<typeof runQuery>
