import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { createMemorySmallState } from '../../adapters/memory/small-state.ts'
import { submitDeliberation } from '../../messages/deliberation.ts'
import { role } from '../../messages/roles.ts'
import { template, type Template } from '../../messages/templates.ts'
import { createTemplates } from './templates.ts'

const resource = async (name: string): Promise<unknown> =>
  parse(await readFile(new URL(`../../../resources/${name}`, import.meta.url), 'utf8'))
const shippedRoles = z.array(role).parse(await resource('roles.yaml'))
const shippedTemplates = z.array(template).parse(await resource('templates.yaml'))

const own: Template = template.parse({
  template_id: 'release-notes',
  title: 'Release notes',
  run: { task: 'Write release notes for {{version}}.', role: 'DEV', rounds: 0, constraints: { rubric: 'Clarity: 2\nTone: 1' } },
})

function open(state = createMemorySmallState()) {
  const ports = { state, shippedRoles, shippedTemplates, parseText: (text: string) => parse(text) as unknown }
  return { state, templates: createTemplates(ports) }
}

const ids = (all: readonly { readonly template_id: string }[]) => all.map(({ template_id }) => template_id)

describe('templates', () => {
  it('are shipped for each role, marked as shipped, and each is a run that can be submitted', async () => {
    const all = await open().templates.list()
    expect(ids(all)).toEqual(['code-review', 'incident-analysis', 'test-plan', 'architecture-decision', 'data-quality-plan'])
    expect(all.every(({ shipped, hidden }) => shipped && !hidden)).toBe(true)
    expect(new Set(all.map(({ run }) => run.role))).toEqual(new Set(shippedRoles.map(({ name }) => name)))
    for (const { run } of all) expect(submitDeliberation.safeParse(run).error).toBeUndefined()
  })

  it('are kept beside the shipped ones with the role’s registry name and the rubric as a map, and survive a restart', async () => {
    const { state, templates } = open()
    await templates.create(own)
    const rubric = { Clarity: { weight: 2 / 3 }, Tone: { weight: 1 / 3 } }
    const kept = (await open(state).templates.list()).at(-1)
    expect(kept).toEqual({
      ...own,
      run: { ...own.run, role: 'developer', constraints: { rubric } },
      shipped: false,
      hidden: false,
    })
  })

  it('are renamed without losing what they launch', async () => {
    const { templates } = open()
    await templates.create(own)
    const renamed = await templates.change({ template_id: own.template_id, title: 'Notes' })
    expect(renamed).toMatchObject({ template: { title: 'Notes', run: { task: own.run.task } } })
    expect((await templates.list()).at(-1)).toMatchObject({ title: 'Notes' })
  })

  it('give their run with values in place of the placeholders, in the task and in its requirements', async () => {
    const { templates } = open()
    const requirements = ['Names {{version}}.', { text: 'Says {{ who }}', expression: "content.contains('who')" }]
    await templates.create({ ...own, run: { ...own.run, constraints: { requirements } } })
    const filled = await templates.fill(own.template_id, { version: '2.0', who: '{{version}}' })
    expect(filled).toMatchObject({
      kind: 'filled',
      run: {
        task: 'Write release notes for 2.0.',
        constraints: {
          requirements: ['Names 2.0.', { text: 'Says {{version}}', expression: "content.contains('who')" }],
        },
      },
    })
    expect(submitDeliberation.safeParse(filled.kind === 'filled' && filled.run).error).toBeUndefined()
  })

  it.each<[string, Record<string, string>, object]>([
    [
      'a value that is missing',
      { version: ' ' },
      {
        field: 'values.version',
        message: expect.stringContaining('needs a value for {{version}}; it asks for {{version}}.') as string,
      },
    ],
    [
      'a value for nothing',
      { version: '2.0', verison: '2.0' },
      { field: 'values.verison', message: expect.stringContaining('no placeholder {{verison}}') as string },
    ],
    ['a value that makes the task too long', { version: 'x'.repeat(100_000) }, { field: 'values' }],
  ])('are not filled with %s', async (_, values, refusal) => {
    const { templates } = open()
    await templates.create(own)
    expect(await templates.fill(own.template_id, values)).toMatchObject({ kind: 'refused', code: 'invalid-input', ...refusal })
  })

  it('can be hidden and shown again, shipped or not; one that is removed and made anew is shown', async () => {
    const { templates } = open()
    await templates.create(own)
    await templates.hide('code-review', true)
    await templates.hide(own.template_id, true)
    const hidden = async () => ids((await templates.list()).filter((one) => one.hidden))
    expect(await hidden()).toEqual(['code-review', own.template_id])
    await templates.hide('code-review', false)
    await templates.remove(own.template_id)
    await templates.create(own)
    expect(await hidden()).toEqual([])
  })

  it.each<[string, (templates: ReturnType<typeof createTemplates>) => Promise<object>, object]>([
    ['an id that is taken', (t) => t.create(own), { code: 'conflict', field: 'template_id' }],
    ['an id that is shipped', (t) => t.create({ ...own, template_id: 'code-review' }), { code: 'conflict' }],
    ['a change of a shipped one', (t) => t.change({ template_id: 'test-plan', title: 'Mine' }), { code: 'conflict' }],
    ['the removal of a shipped one', (t) => t.remove('test-plan'), { code: 'conflict' }],
    ['a change of none', (t) => t.change({ template_id: 'nobody' }), { code: 'not-found' }],
    ['hiding none', (t) => t.hide('nobody', true), { code: 'not-found' }],
    ['the removal of none', (t) => t.remove('nobody'), { code: 'not-found' }],
    [
      'an unknown role',
      (t) => t.create({ ...own, template_id: 'other', run: { ...own.run, role: 'poet' } }),
      { code: 'invalid-input', field: 'run.role' },
    ],
    [
      'a rubric that makes no sense',
      (t) => t.change({ template_id: own.template_id, run: { ...own.run, constraints: { rubric: {} } } }),
      { code: 'invalid-input', field: 'run.constraints.rubric' },
    ],
  ])('refuse %s', async (_, act, expected) => {
    const { templates } = open()
    await templates.create(own)
    expect(await act(templates)).toMatchObject({ kind: 'refused', ...expected })
  })
})
