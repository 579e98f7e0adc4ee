import * as z from 'zod'

/** One criterion of a rubric. Weights are relative; they are normalised to a sum of 1 when a run is submitted. */
export const criterion = z.strictObject({
  name: z.string().trim().min(1).max(60),
  weight: z.number().positive().max(1000),
  description: z.string().max(500).optional(),
})
export type Criterion = z.infer<typeof criterion>

/** A section that an answer must have, as its Markdown heading says it. */
export const requiredSections = z.array(z.string().trim().min(1).max(80)).max(12)

/** The short names that councils use, and the registry's names for the same roles. */
const roleAliases: Readonly<Record<string, string>> = {
  DEV: 'developer',
  QA: 'tester',
  ARCHITECT: 'architect',
  DEVOPS: 'devops',
  DATA: 'data',
}

/** A role's registry name from either spelling. */
export function roleName(spelling: string): string {
  return roleAliases[spelling.toUpperCase()] ?? spelling.toLowerCase()
}

/** What a role brings to a run: persona, default rubric, model and sampling. Edited by the operator, kept in small state under `role.<name>`. */
export const role = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens'),
  title: z.string().trim().min(1).max(60),
  persona: z.string().trim().min(1).max(4000),
  rubric: z.array(criterion).min(1).max(12),
  temperature: z.number().min(0).max(2),
  /** Token limit of an answer; null leaves it to the model (a quarter of its context). */
  max_tokens: z.int().positive().nullable(),
  /** The model of agents that name none, by its name or label; null: the first that is served. Never another in its place. */
  model: z.string().trim().min(1).max(200).nullable().default(null),
  /** What prompt and answer may take together, if that is less than the model can; null: all of it. */
  context_window: z.int().min(512).max(10_000_000).nullable().default(null),
  /** Sections that lint asks of every final text, unless the run names its own. */
  required_sections: requiredSections.default([]),
})
export type Role = z.infer<typeof role>
