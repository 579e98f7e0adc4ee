import { parseRubric } from '../../domain/deliberation/index.ts'
import { roleName, type Role } from '../../messages/roles.ts'
import { template, type Template, type TemplateChange, type TemplateRun, type TemplateView } from '../../messages/templates.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { refuse, type Refusal } from '../refusal.ts'
import { filledTemplate, type Filled } from './filled-template.ts'
import { readRoles } from './roles.ts'

const PREFIX = 'template.'
const HIDDEN = 'hidden-template.'
/** More would not be found again in a list. */
const MAX_TEMPLATES = 200

type Stored = { readonly kind: 'stored'; readonly template: TemplateView }

export interface Templates {
  /** Shipped ones in their order, then the operator's by id. */
  list(): Promise<readonly TemplateView[]>
  /** Refuses an id that is taken, by a shipped one too. */
  create(value: Template): Promise<Stored | Refusal>
  change(change: TemplateChange): Promise<Stored | Refusal>
  /** Its run with a value for each placeholder; nothing is kept. */
  fill(id: string, values: Readonly<Record<string, string>>): Promise<Filled | Refusal>
  hide(id: string, hidden: boolean): Promise<Stored | Refusal>
  remove(id: string): Promise<{ readonly kind: 'removed' } | Refusal>
}

export interface TemplatePorts {
  readonly state: SmallState
  readonly shippedRoles: readonly Role[]
  readonly shippedTemplates: readonly Template[]
  readonly parseText: (text: string) => unknown
}

/** Launch forms that are kept. */
export function createTemplates(ports: TemplatePorts): Templates {
  const { state, shippedTemplates } = ports
  const isShipped = (id: string) => shippedTemplates.some((one) => one.template_id === id)

  async function list(): Promise<readonly TemplateView[]> {
    const [own, marks] = await Promise.all([state.list(PREFIX), state.list(HIDDEN)])
    const hidden = new Set(marks.map(({ key }) => key.slice(HIDDEN.length)))
    const added = own.map(({ value }) => template.parse(value)).filter((one) => !isShipped(one.template_id))
    return [...shippedTemplates, ...added].map((one) => viewOf(one, hidden.has(one.template_id)))
  }
  const viewOf = (value: Template, hidden: boolean): TemplateView => ({ ...value, shipped: isShipped(value.template_id), hidden })
  const find = async (id: string) => (await list()).find((one) => one.template_id === id)

  return {
    list,
    async create(value) {
      const run = await checked(ports, value.run)
      if ('kind' in run) return run
      if ((await state.list(PREFIX)).length >= MAX_TEMPLATES)
        return refuse('conflict', `There are ${MAX_TEMPLATES} templates already. Remove one that is not used.`)
      const put = isShipped(value.template_id) ? undefined : await state.put(PREFIX + value.template_id, { ...value, run }, 0)
      if (put?.kind !== 'stored')
        return refuse('conflict', `There is a template "${value.template_id}" already; take another name.`, {
          field: 'template_id',
        })
      return { kind: 'stored', template: viewOf({ ...value, run }, false) }
    },
    async change({ template_id, ...change }) {
      const key = PREFIX + template_id
      const there = isShipped(template_id) ? undefined : await state.get(key)
      if (!there) return isShipped(template_id) ? shipped(template_id) : missing(template_id)
      const held = template.parse(there.value)
      const run = change.run === undefined ? held.run : await checked(ports, change.run)
      if ('kind' in run) return run
      const value: Template = {
        template_id,
        title: change.title ?? held.title,
        description: change.description ?? held.description,
        run,
      }
      const put = await state.put(key, value, there.revision)
      if (put.kind !== 'stored')
        return refuse('conflict', `The template "${template_id}" was changed elsewhere meanwhile; look at it and try again.`)
      return { kind: 'stored', template: viewOf(value, (await find(template_id))?.hidden === true) }
    },
    async fill(id, values) {
      const found = await find(id)
      return found ? filledTemplate(found, values) : missing(id)
    },
    async hide(id, hidden) {
      const found = await find(id)
      if (!found) return missing(id)
      if (hidden) await state.put(HIDDEN + id, true, 'any')
      else await state.remove(HIDDEN + id)
      return { kind: 'stored', template: { ...found, hidden } }
    },
    async remove(id) {
      if (isShipped(id)) return shipped(id)
      if (!(await state.remove(PREFIX + id))) return missing(id)
      await state.remove(HIDDEN + id)
      return { kind: 'removed' }
    },
  }
}

/** Whether a key of small state belongs to a template. */
export function isTemplateKey(key: string): boolean {
  return key.startsWith(PREFIX) || key.startsWith(HIDDEN)
}

/** The run with its role under the registry's name and its rubric as a map: so that a form can show both. */
async function checked({ state, shippedRoles, parseText }: TemplatePorts, run: TemplateRun): Promise<TemplateRun | Refusal> {
  const { role, constraints } = run
  const roles = await readRoles(state, shippedRoles)
  if (role !== undefined && !roles.some(({ name }) => name === roleName(role)))
    return refuse('invalid-input', `There is no role "${role}". Known: ${roles.map(({ name }) => name).join(', ')}.`, {
      field: 'run.role',
    })
  try {
    return {
      ...run,
      ...(role !== undefined && { role: roleName(role) }),
      constraints: {
        ...constraints,
        ...(constraints.rubric !== undefined && { rubric: rubricMap(constraints.rubric, parseText) }),
      },
    }
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : 'The rubric cannot be read.'
    return refuse('invalid-input', message, { field: 'run.constraints.rubric' })
  }
}

function rubricMap(
  rubric: NonNullable<TemplateRun['constraints']['rubric']>,
  parseText: (text: string) => unknown,
): TemplateRun['constraints']['rubric'] {
  const criteria = parseRubric(rubric, parseText)
  // A map is kept with the weights as they were given; reading it only shows that it makes sense.
  if (typeof rubric !== 'string') return rubric
  return Object.fromEntries(
    criteria.map(({ name, weight, description }) => [name, { weight, ...(description !== undefined && { description }) }]),
  )
}

function missing(id: string): Refusal {
  return refuse('not-found', `There is no template "${id}".`, { field: 'template_id' })
}

function shipped(id: string): Refusal {
  return refuse('conflict', `The template "${id}" is shipped: hide it, or keep a copy under another name.`, {
    field: 'template_id',
  })
}
