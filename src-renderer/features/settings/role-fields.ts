import type * as z from 'zod'
import type { settings } from '../../../src-preload/contract/settings.ts'

export type Role = z.input<(typeof settings)['saveRole']['input']>['role']
export type RoleView = z.output<(typeof settings)['watchRoles']['item']>['roles'][number]

export interface CriterionFields {
  key: string
  name: string
  weight: number | string
  description: string
}

export interface RoleFields {
  name: string
  title: string
  persona: string
  temperature: number | string
  maxTokens: number | string
  model: string
  contextWindow: number | string
  sections: string[]
  rubric: CriterionFields[]
}

/** Below it no prompt has room. */
const LEAST_CONTEXT = 512

export function newRole(): Role {
  return { name: '', title: '', persona: '', rubric: [{ name: '', weight: 1 }], temperature: 0.7, max_tokens: null }
}

export function newCriterion(): CriterionFields {
  return { key: crypto.randomUUID(), name: '', weight: 1, description: '' }
}

export function fieldsOf(role: Role): RoleFields {
  return {
    name: role.name,
    title: role.title,
    persona: role.persona,
    temperature: role.temperature,
    maxTokens: role.max_tokens ?? '',
    model: role.model ?? '',
    contextWindow: role.context_window ?? '',
    sections: [...(role.required_sections ?? [])],
    rubric: role.rubric.map(({ name, weight, description }) => ({
      key: crypto.randomUUID(),
      name,
      weight,
      description: description ?? '',
    })),
  }
}

export function roleOf(fields: RoleFields): Role {
  return {
    name: fields.name.trim(),
    title: fields.title.trim(),
    persona: fields.persona.trim(),
    temperature: Number(fields.temperature),
    max_tokens: fields.maxTokens === '' ? null : Number(fields.maxTokens),
    model: fields.model.trim() === '' ? null : fields.model.trim(),
    context_window: fields.contextWindow === '' ? null : Number(fields.contextWindow),
    required_sections: fields.sections,
    rubric: fields.rubric.map(({ name, weight, description }) => ({
      name: name.trim(),
      weight: Number(weight),
      ...(description.trim() !== '' && { description: description.trim() }),
    })),
  }
}

/** A criterion's part of the whole, 0 to 1: what its weight comes to when the run normalises them. */
export function shareOf(fields: RoleFields, at: number): number {
  const total = fields.rubric.reduce((sum, { weight }) => sum + Number(weight), 0)
  return total > 0 ? Number(fields.rubric[at]?.weight ?? 0) / total : 0
}

/** What is wrong with the form, by field path; empty when nothing is. */
export function problemsOf(fields: RoleFields, takenNames: readonly string[]): Record<string, string> {
  const problems: Record<string, string> = {}
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(fields.name.trim()))
    problems['name'] = 'Lower-case letters, digits and hyphens, beginning with a letter.'
  else if (takenNames.includes(fields.name.trim())) problems['name'] = 'Another role has this name.'
  if (fields.title.trim() === '') problems['title'] = 'Give it a title.'
  if (fields.persona.trim() === '') problems['persona'] = 'Say who the agents are.'
  if (fields.temperature === '' || Number(fields.temperature) < 0 || Number(fields.temperature) > 2)
    problems['temperature'] = 'From 0 to 2.'
  const { contextWindow, maxTokens } = fields
  if (contextWindow !== '' && Number(contextWindow) < LEAST_CONTEXT) problems['contextWindow'] = `${LEAST_CONTEXT} at least.`
  else if (contextWindow !== '' && maxTokens !== '' && Number(maxTokens) >= Number(contextWindow))
    problems['maxTokens'] = 'Less than the context window: the prompt needs the rest.'
  const seen = new Set<string>()
  fields.rubric.forEach(({ name, weight }, at) => {
    const key = name.trim().toLowerCase()
    if (key === '') problems[`rubric.${at}.name`] = 'Name it.'
    else if (seen.has(key)) problems[`rubric.${at}.name`] = 'Named twice.'
    seen.add(key)
    if (weight === '' || Number(weight) <= 0) problems[`rubric.${at}.weight`] = 'Above 0.'
  })
  return problems
}
