import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { ConsoleError } from '../../../../src-preload/contract/errors.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import type { SentPrompt } from '../shapes.ts'
import { PromptTab } from './prompt-tab.tsx'
import { board, call } from './test-board.ts'

const pages = setUpPages()
beforeEach(() => {
  // The list of a select brings its chosen option into sight, which jsdom cannot.
  Element.prototype.scrollIntoView = () => {}
})

const sent: SentPrompt = {
  item: {
    task_id: 'run',
    round: 1,
    phase: 'critique',
    agent_id: 'a',
    role: 'developer',
    attempt: 1,
    messages: [
      { role: 'system', content: 'You criticise.' },
      { role: 'user', content: 'Head\n[… 1,200 tokens cut …]\ntail' },
    ],
    model: { engine_id: 'embedded', model: 'm' },
    temperature: 0.3,
    max_tokens: 1024,
    seed: 77,
    timeout_ms: 60_000,
    deadline: 0,
    max_retries: 2,
    num_agents: 3,
    diversity: false,
    format: { name: 'critique', schema: { type: 'object' } },
    score_field: null,
  },
  prompts_version: 'v2',
  cut: true,
  repair: [],
}
const calls = [call('a', 'propose', 0), call('a', 'critique', 1)]

describe('the prompt of a call', () => {
  it('is shown as it was sent: messages, schema, sampling, version, and what was cut', async () => {
    const asked: unknown[] = []
    const { show } = pages.host({ deliberation: { prompt: (input) => (asked.push(input), Promise.resolve(sent)) } })
    show(<PromptTab board={board({ calls })} agentId="a" />)
    expect(await screen.findByText('You criticise.')).toBeDefined()
    expect(asked).toMatchObject([{ round: 1, phase: 'critique', agent_id: 'a', attempt: 1 }])
    expect(screen.getByText('about 1,200 tokens in 1 place, marked below')).toBeDefined()
    expect(screen.getByText('[… 1,200 tokens cut …]').tagName).toBe('MARK')
    for (const text of ['0.3', '77', 'v2', '1,024 tokens']) expect(screen.getByText(text)).toBeDefined()
    expect(screen.getAllByRole('button', { name: 'Copy' })).toHaveLength(4)
  })

  it('that was asked once more is followed by the first reply and what was wrong with it', async () => {
    const repair: SentPrompt['repair'] = [
      { role: 'assistant', content: 'It is fine.' },
      { role: 'user', content: 'That was not the JSON asked for.' },
    ]
    const { show } = pages.host({ deliberation: { prompt: () => Promise.resolve({ ...sent, repair }) } })
    show(<PromptTab board={board({ calls: [call('a', 'critique', 1, { repaired: true })] })} agentId="a" />)
    expect(await screen.findByText('Second prompt: assistant')).toBeDefined()
    for (const { content } of repair) expect(screen.getByText(content)).toBeDefined()
    expect(screen.getByText(/was asked once more: the same prompt/)).toBeDefined()
  })

  it('of another call is read when that call is chosen', async () => {
    const phases: string[] = []
    const { show } = pages.host({ deliberation: { prompt: ({ phase }) => (phases.push(phase), Promise.resolve(sent)) } })
    show(<PromptTab board={board({ calls })} agentId="a" />)
    await screen.findByText('You criticise.')
    await userEvent.click(screen.getByRole('combobox', { name: 'Call' }))
    await userEvent.click(await screen.findByRole('option', { name: 'Propose' }))
    await waitFor(() => expect(phases).toEqual(['critique', 'propose']))
  })

  it('that is not kept says so', async () => {
    const { show } = pages.host({
      deliberation: { prompt: () => Promise.reject(new ConsoleError('not-found', 'No prompt of this call is kept.')) },
    })
    show(<PromptTab board={board({ calls })} agentId="a" />)
    expect(await screen.findByText('No prompt of this call is kept.')).toBeDefined()
  })
})
