import type { RunSpec } from './types.ts'

/** What the answer must meet, line by line, as prompts list it: requirements by id, then the sections that lint asks for. */
export function requirementLines({
  requirements,
  required_sections,
}: Pick<RunSpec, 'requirements' | 'required_sections'>): string[] {
  return [
    ...requirements.map(({ id, text }) => `- ${id}: ${text}`),
    ...(required_sections.length > 0
      ? [`- It has these sections, each under a Markdown heading of exactly this name: ${required_sections.join('; ')}`]
      : []),
  ]
}
