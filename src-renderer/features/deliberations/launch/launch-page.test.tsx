import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { ConsoleError } from '../../../../src-preload/contract/errors.ts'
import type { ModelsView } from '../../../../src-preload/contract/model.ts'
import { template as contract } from '../../../../src-preload/contract/template.ts'
import { useShortcuts } from '../../../app/keyboard.ts'
import type { TestAnswers } from '../../../lib/test-console.tsx'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { pushed } from '../board/test-stream.ts'
import type { EstimateReply, Role, TemplateView } from '../shapes.ts'
import { LaunchPage } from './launch-page.tsx'

const pages = setUpPages()

beforeEach(() => {
  localStorage.clear()
  window.history.replaceState(null, '', '/local/deliberations/new')
})

const rubric = [
  { name: 'Correctness', weight: 0.6 },
  { name: 'Safety', weight: 0.4 },
]
const role = (name: string, title: string): Role => ({
  name,
  title,
  persona: `You are a ${title}.`,
  rubric,
  temperature: 0.7,
  max_tokens: null,
  model: null,
  context_window: null,
  required_sections: [],
  builtin: true,
  changed: false,
})

const served = {
  reference: { engine_id: 'embedded', model: 'starter' },
  label: 'Starter',
  engine: 'Built-in',
  context_tokens: 2048,
  starter: true,
  parallel: 4,
  tokens_per_second: 90,
  price_in: null,
  price_out: null,
}

const models = (more: Partial<ModelsView> = {}): ModelsView => ({
  catalogue: [],
  engines: [
    {
      engine_id: 'embedded',
      name: 'Built-in',
      kind: 'embedded',
      base_url: null,
      has_key: false,
      state: 'ready',
      detail: '',
      checked_at: null,
      running: 0,
      waiting: 0,
      parallel: 4,
      tokens_per_second: 90,
      models: [served],
    },
  ],
  disk: { models_bytes: 0, free_bytes: 1 },
  machine: { cores: 2, memory_bytes: 1, free_memory_bytes: 1 },
  ...more,
})

const estimate = (calls: number): EstimateReply => ({
  estimate: {
    baseline: null,
    phases: [{ phase: 'propose', round: 0, calls, tokens_in: 300, tokens_out: 200, duration_ms: null, cost_micro_usd: 0 }],
    calls,
    tokens_in: 300,
    tokens_out: 200,
    duration_ms: null,
    duration_worst_ms: null,
    cost_micro_usd: 0,
    cost_worst_micro_usd: 0,
    basis: 'nothing measured yet',
  },
  timeout_ms: 300_000,
  task_tokens: 3,
  task_tokens_limit: 1500,
  problems: [],
  warnings: [],
})

type Answers = NonNullable<TestAnswers['deliberation']>

function open(
  deliberation: Answers = {},
  view: ModelsView = models(),
  template: TestAnswers['template'] = {},
  preferred: string | null = null,
) {
  const asked: string[] = []
  const console = pages.host({
    deliberation: {
      estimate: ({ run }) => {
        asked.push(run.task)
        return Promise.resolve(estimate((run.agents?.length ?? 0) * (2 + 2 * (run.rounds ?? 1))))
      },
      ...deliberation,
    },
    template,
    model: { watch: (_, signal) => pushed(view).follow(signal) },
    settings: {
      watchRoles: (_, signal) =>
        pushed({ roles: [{ ...role('developer', 'Developer'), model: preferred }, role('tester', 'Tester')] }).follow(signal),
    },
  })
  console.show(
    <>
      <Shortcuts />
      <LaunchPage />
    </>,
  )
  return { asked, failures: console.failures }
}

function Shortcuts() {
  useShortcuts()
  return null
}

const task = () => screen.findByRole('textbox', { name: /^Task/ })

describe('the launch form', () => {
  it('asks for one estimate when the typing pauses, and says the price on the button', async () => {
    const user = userEvent.setup()
    const { asked, failures } = open()
    await user.type(await task(), 'Design it')
    await screen.findByRole('button', { name: /^Launch: 12.calls, time unknown, \$0/ })
    expect(asked).toEqual(['Design it'])
    expect(screen.getByText(/^Times are unknown until this model has been measured/)).toBeTruthy()
    expect(failures).toEqual([])
  })

  it('launches with Ctrl Enter, opens the run and keeps the council for the next task', async () => {
    const user = userEvent.setup()
    const ids: string[] = []
    open({
      submit: ({ command_id, run }) => {
        ids.push(command_id)
        return Promise.resolve({ task_id: `run-of-${run.task}`, estimate: estimate(1).estimate, deadline: 1 })
      },
    })
    await user.type(await task(), 'Design')
    await screen.findByRole('button', { name: /^Launch: / })
    await user.keyboard('{Control>}{Enter}{/Control}')
    await waitFor(() => expect(window.location.pathname).toBe('/local/deliberations/run-of-Design'))
    expect(ids).toHaveLength(1)
    expect(JSON.parse(localStorage.getItem('signalbox.launch-draft') ?? '')).toMatchObject({ task: '', rounds: 1 })
  })

  it('has a switch for the baseline that says what its samples cost', async () => {
    const user = userEvent.setup()
    const sent: (boolean | undefined)[] = []
    open({
      estimate: ({ run }) => {
        sent.push(run.options.baseline)
        const reply = estimate(12)
        const baseline = { calls: 11, tokens_in: 4000, tokens_out: 5000, duration_ms: null, cost_micro_usd: 0 }
        return Promise.resolve({ ...reply, estimate: { ...reply.estimate, baseline: run.options.baseline ? baseline : null } })
      },
    })
    await user.type(await task(), 'Design')
    await screen.findByRole('button', { name: /^Launch: / })
    await user.click(screen.getByRole('switch', { name: /^Baseline/ }))
    await screen.findByRole('switch', { name: /^Baseline \+ 11.samples, 9(,000|\.0.k) tokens/ })
    expect(screen.getByRole('row', { name: /^Baseline, beside the debate 11/ })).toBeTruthy()
    expect(sent).toEqual([false, true])
  })

  it('shows a refusal at its field', async () => {
    const user = userEvent.setup()
    open({ submit: () => Promise.reject(new ConsoleError('invalid-input', 'The task names a secret.', { field: 'run.task' })) })
    const field = await task()
    await user.type(field, 'Design')
    await user.click(await screen.findByRole('button', { name: /^Launch: / }))
    await screen.findByText('The task names a secret.')
    expect(field.getAttribute('aria-invalid')).toBe('true')
    expect(field.getAttribute('aria-describedby')).not.toBeNull()
  })

  it('repeats the same command when a launch is tried again', async () => {
    const user = userEvent.setup()
    const ids: string[] = []
    open({
      submit: ({ command_id }) => {
        ids.push(command_id)
        return Promise.reject(new ConsoleError('unavailable', 'The host is starting.'))
      },
    })
    await user.type(await task(), 'Design')
    const button = await screen.findByRole('button', { name: /^Launch: / })
    await user.click(button)
    await screen.findByText('The host is starting.')
    await user.click(button)
    await waitFor(() => expect(ids).toHaveLength(2))
    expect(ids[0]).toBe(ids[1])
  })

  it('loads the rubric of the role that is chosen', async () => {
    const user = userEvent.setup()
    open()
    await user.click(await screen.findByRole('radio', { name: 'QA' }))
    expect(screen.getByText('You are a Tester.', { selector: 'p' })).toBeTruthy()
    expect(screen.getByDisplayValue('Correctness')).toBeTruthy()
    await user.clear(screen.getByRole('textbox', { name: 'Criterion 1: weight' }))
    await screen.findByText('Every weight must be above 0.')
  })

  it('gives an architect criteria of its own, beside the rubric that the peers score by', async () => {
    const user = userEvent.setup()
    const sent: unknown[] = []
    open({
      estimate: ({ run }) => {
        sent.push(run.constraints)
        return Promise.resolve(estimate(13))
      },
    })
    await user.type(await task(), 'Design')
    await user.click(screen.getByRole('radio', { name: 'By an architect' }))
    await user.click(screen.getByRole('button', { name: 'Give it its own' }))
    const name = screen.getByRole('textbox', { name: 'Architect’s criterion 1: name' })
    await user.clear(name)
    await screen.findByText('Every criterion needs a name.')
    await user.type(name, 'Risk')
    await waitFor(() => expect(sent.at(-1)).toMatchObject({ architect_rubric: { Risk: { weight: 0.6 } } }))
    await user.click(screen.getByRole('button', { name: 'Back to the rubric' }))
    await waitFor(() => expect(sent.at(-1)).not.toHaveProperty('architect_rubric'))
  })

  it('adds checks of its own, each with an expression that gives its score', async () => {
    const user = userEvent.setup()
    const sent: unknown[] = []
    open({
      estimate: ({ run }) => {
        sent.push(run.constraints)
        return Promise.resolve(estimate(12))
      },
    })
    await user.type(await task(), 'Design')
    await user.click(screen.getByRole('button', { name: 'Add a check' }))
    await screen.findByText('Every check needs a name.', { selector: 'p' })
    await user.type(screen.getByRole('textbox', { name: 'Check 1: name' }), 'lint')
    await user.type(screen.getByRole('textbox', { name: /^Check 1: expression/ }), '0.5')
    await screen.findByText(/A check cannot be named so: policy, lint, dryrun are checks of every run/, { selector: 'p' })
    await user.type(screen.getByRole('textbox', { name: 'Check 1: name' }), '-free')
    const additional_checks = [{ check_type: 'lint-free', expression: '0.5', pass_at: 0.5 }]
    await waitFor(() => expect(sent.at(-1)).toMatchObject({ additional_checks }))
  })

  it('says what is missing while no model is served, with the progress of a download', async () => {
    const catalogue: ModelsView['catalogue'] = [
      {
        kind: 'chat',
        id: 'starter',
        name: 'Starter',
        parameters: '135 M',
        quantisation: 'Q4',
        size_bytes: 93e6,
        licence: 'Apache-2.0',
        context_tokens: 2048,
        starter: true,
        note: '',
        fit: { fits: true, needs_bytes: 1, free_bytes: 2 },
        recommended: false,
        state: { kind: 'downloading', source: 'hub', done_bytes: 46_500_000, total_bytes: 93_000_000, bytes_per_second: null },
        loaded: false,
      },
    ]
    open({}, models({ catalogue, engines: [] }))
    const banner = await screen.findByText(/^No model is served yet\. Starter is being downloaded/)
    expect(banner.textContent).toMatch(/50.% of 93.MB/)
    expect(screen.getByRole('link', { name: 'Models & engines' })).toBeTruthy()
    expect(screen.getByRole('button', { name: /^Launch/ }).getAttribute('aria-disabled')).toBe('true')
  })

  it('says that the starter model is for trying the flow', async () => {
    open()
    await screen.findByText(/^The starter model is for trying the flow/)
  })
})

describe('a role whose model is not served', () => {
  it('is told before the launch, and the form offers what is served', async () => {
    const user = userEvent.setup()
    const asked: unknown[] = []
    const estimated: Answers['estimate'] = ({ run }) => {
      asked.push(run.agents?.map(({ model }) => model?.model))
      return Promise.resolve(estimate(1))
    }
    open({ estimate: estimated }, models(), {}, 'large')
    await screen.findByText(/^Developer agents work with large, which is not served now/)
    expect(screen.getByRole('combobox', { name: 'Model of agent-001' })).toHaveProperty('value', 'large')
    await user.click(screen.getByRole('button', { name: 'Use Starter for this run' }))
    expect(screen.queryByText(/^Developer agents work with large/)).toBeNull()
    await user.type(await task(), 'x')
    await waitFor(() => expect(asked).toEqual([['starter', 'starter', 'starter']]))
  })
})

describe('templates beside the form', () => {
  const template = (id: string, title: string, more: Partial<TemplateView> = {}): TemplateView => ({
    template_id: id,
    title,
    description: '',
    shipped: false,
    hidden: false,
    run: contract.create.input.parse({
      template: {
        template_id: id,
        title,
        run: { task: 'Review the {{language}} code.', role: 'tester', num_agents: 2, rounds: 0 },
      },
    }).template.run,
    ...more,
  })
  const held = (...templates: TemplateView[]) => {
    const list = pushed({ templates })
    return { watch: (_: unknown, signal: AbortSignal) => list.follow(signal) }
  }

  it('fill the form, ask for what stands in braces, and give back what was there', async () => {
    const user = userEvent.setup()
    open({}, models(), held(template('review', 'Code review', { shipped: true })))
    await user.type(await task(), 'Half a thought')
    await user.click(await screen.findByRole('button', { name: 'Show' }))
    const row = screen.getByRole('button', { name: /^Code review.*shipped.*asks for language/ })
    row.focus()
    await user.keyboard('{Enter}')
    await user.type(await screen.findByRole('textbox', { name: 'language' }), 'Go')
    await user.click(screen.getByRole('button', { name: 'Fill in' }))
    expect(await task()).toHaveProperty('value', 'Review the Go code.')
    expect(screen.getByRole('radio', { name: 'QA' })).toHaveProperty('checked', true)
    expect(JSON.parse(localStorage.getItem('signalbox.launch-draft') ?? '')).toMatchObject({
      task: 'Review the Go code.',
      rounds: 0,
    })
    await user.click(screen.getByRole('button', { name: 'Undo' }))
    expect(await task()).toHaveProperty('value', 'Half a thought')
    await user.click(screen.getByRole('button', { name: 'Redo' }))
    expect(await task()).toHaveProperty('value', 'Review the Go code.')
  })

  it('say what is still to be filled in when it was put off', async () => {
    const user = userEvent.setup()
    open({}, models(), held(template('review', 'Code review')))
    await user.click(await screen.findByRole('button', { name: /^Code review/ }))
    await user.click(await screen.findByRole('button', { name: 'Later' }))
    expect(await screen.findByText('The task still has {{language}} to be filled in.')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Fill in…' }))
    expect(await screen.findByRole('textbox', { name: 'language' })).toBeTruthy()
  })

  it('are made of the form as it stands', async () => {
    const user = userEvent.setup()
    const made: unknown[] = []
    open({}, models(), {
      ...held(),
      create: ({ template: given }) => {
        made.push([given.template_id, given.title, given.run.task, given.run.agents?.length])
        return Promise.resolve({ template: { ...given, shipped: false, hidden: false } })
      },
    })
    await user.type(await task(), 'Plan it')
    await user.click(screen.getByRole('button', { name: 'Save as a template…' }))
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'My plan{Enter}')
    await waitFor(() => expect(made).toEqual([['my-plan', 'My plan', 'Plan it', 3]]))
  })

  it('can be renamed, copied, hidden and removed; a shipped one only copied and hidden', async () => {
    const user = userEvent.setup()
    const done: unknown[] = []
    const noted = (what: string) => (given: object) => {
      done.push([what, given])
      return Promise.resolve({ template: template('x', 'X') })
    }
    open({}, models(), {
      ...held(
        template('review', 'Code review', { shipped: true }),
        template('mine', 'Mine'),
        template('old', 'Old', { hidden: true }),
      ),
      change: noted('change'),
      hide: noted('hide'),
      remove: (given) => noted('remove')(given).then(() => ({})),
    })
    await user.click(await screen.findByRole('button', { name: 'More for Code review' }))
    expect((await screen.findAllByRole('menuitem')).map((item) => item.textContent)).toEqual(['Copy…', 'Hide'])
    await user.click(screen.getByRole('menuitem', { name: 'Hide' }))
    await user.click(screen.getByRole('button', { name: 'More for Mine' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Rename…' }))
    const name = await screen.findByRole('textbox', { name: 'Name' })
    await user.clear(name)
    await user.type(name, 'Ours{Enter}')
    await user.click(await screen.findByRole('button', { name: 'More for Mine' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Remove…' }))
    await user.click(await screen.findByRole('button', { name: 'Remove it' }))
    expect(screen.queryByText('Old')).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Show 1 hidden' }))
    expect(screen.getByText('Old')).toBeTruthy()
    expect(done).toEqual([
      ['hide', { template_id: 'review', hidden: true }],
      ['change', { template_id: 'mine', title: 'Ours', description: '' }],
      ['remove', { template_id: 'mine' }],
    ])
  })
})
