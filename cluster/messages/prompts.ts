import * as z from 'zod'

/** A template that may use these placeholders and no others. */
const template = (...names: readonly string[]) =>
  z
    .string()
    .min(1)
    .refine(
      (text) => [...text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].every(([, name]) => name !== undefined && names.includes(name)),
      {
        error: `It may use only ${names.map((name) => `{{${name}}}`).join(', ') || 'plain text'}.`,
      },
    )

const prompt = (...names: readonly string[]) =>
  z.strictObject({
    system: template('brief', 'mark', ...names),
    user: template('task', 'attachments', 'metadata', 'mark', ...names),
  })

/** The prompts of a deliberation as a file: versioned, apart from the logic. Optional parts have a template of their own. */
export const promptSet = z.strictObject({
  version: z.string().regex(/^deliberation-v\d+$/, 'deliberation-v and a number'),
  /** What every call is told first: who it is, the rubric, the requirements. */
  brief: template('persona', 'role_title', 'rubric', 'requirements'),
  requirements: template('requirements'),
  metadata: template('metadata'),
  diversity: template(),
  /** How a text written by a model is set off. */
  material: template('mark', 'title', 'content'),
  /** The title over a text that the architect may choose. */
  candidate: template('label', 'score', 'rubric_score', 'checks', 'requirements'),
  /** What a scorer is told about requirements, where there are any. */
  judge_requirements: template().default(''),
  /** How the files that belong to a task are introduced, where there are any. */
  attachments: template('mark', 'attachments').default(''),
  /** In place of `revise` where the critic rewrites; versions before that could be asked for have none. */
  revise_by_critic: prompt('material').optional(),
  phases: z.strictObject({
    propose: prompt('diversity'),
    critique: prompt('material', 'form'),
    revise: prompt('material'),
    score: prompt('material', 'form', 'labels', 'judge_requirements'),
    select: prompt('material', 'form', 'labels'),
  }),
})
export type PromptSet = z.infer<typeof promptSet>
