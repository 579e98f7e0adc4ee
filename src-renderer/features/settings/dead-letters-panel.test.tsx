import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { DeadLetter } from '../../../src-preload/contract/system.ts'
import { setUpPages, standing } from '../../lib/test-pages.tsx'
import { DeadLettersPanel } from './dead-letters-panel.tsx'

const awaited: DeadLetter = {
  kind: 'call',
  queue: 'answers',
  id: 'dlb-1.1.critique.agent-dev-001',
  task_id: 'dlb-1',
  run_title: 'Design a retry policy',
  round: 1,
  phase: 'critique',
  agent_id: 'agent-dev-001',
  reason: 'Failed 5 times: the disk gives nonsense for it.',
  deliveries: 5,
  at: 1_700_000_000_000,
  effect: 'counts',
  effect_words: 'The run waits for this call: what comes of it counts.',
}
const moot: DeadLetter = {
  ...awaited,
  queue: 'work',
  id: 'dlb-2.0.propose.agent-dev-002',
  task_id: 'dlb-2',
  run_title: null,
  reason: 'No run has this id.',
  effect: 'none',
  effect_words: 'There is no run dlb-2: nobody waits for it.',
}

const unreadable: DeadLetter = {
  kind: 'unreadable',
  queue: 'work',
  id: 'dlb-3.0.propose.agent-dev-001',
  reason: 'Item dlb-3.0.propose.agent-dev-001 in the queue work is damaged.',
  deliveries: 1,
  at: 1_700_000_000_000,
  text: '{"task_id":"dlb-3","round":"first"',
  fault: 'It is not valid JSON.',
  effect: 'none',
  effect_words: 'It cannot be read, so nothing can come of it: it can only be removed.',
}

const pages = setUpPages()

/** The panel over a host with these letters; returns what it was asked to replay and to remove. */
function open(letters: readonly DeadLetter[]) {
  const [replayed, removed]: [string[], string[]] = [[], []]
  pages.show(<DeadLettersPanel />, {
    system: {
      watchDeadLetters: (_, signal) => standing({ total: letters.length, letters: [...letters] }, signal),
      replayDeadLetter: ({ queue, id }) => Promise.resolve(void replayed.push(`${queue} ${id}`)).then(() => ({ words: '' })),
      removeDeadLetter: ({ queue, id }) => Promise.resolve(void removed.push(`${queue} ${id}`)).then(() => ({})),
    },
  })
  return { replayed, removed }
}

const rowOf = async (text: RegExp) => {
  const row = (await screen.findByText(text)).closest('tr')
  return within(row ?? expect.unreachable('it stands in a row'))
}

describe('the dead letters', () => {
  it('say what each is about and why it was set aside, with a way to its run, and are replayed', async () => {
    const user = userEvent.setup()
    const { replayed } = open([awaited, moot])
    const row = await rowOf(/Failed 5 times/)
    expect(row.getByRole('link', { name: 'Design a retry policy' }).getAttribute('href')).toBe('/local/deliberations/dlb-1')
    expect(row.getByText(/round 1: critique/)).toBeTruthy()
    await user.click(row.getByRole('button', { name: 'Replay' }))
    await waitFor(() => expect(replayed).toEqual([`answers ${awaited.id}`]))
  })

  it('that cannot be read show how they begin and what is wrong with them, and can only be removed', async () => {
    const user = userEvent.setup()
    const { removed } = open([unreadable, moot])
    const row = await rowOf(/It is not valid JSON/)
    expect(row.getByText(/^\{"task_id":"dlb-3"/)).toBeTruthy()
    expect(row.getByRole('button', { name: /^Replay/ }).getAttribute('aria-disabled')).toBe('true')
    await user.click(row.getByRole('button', { name: 'Remove…' }))
    await user.click(await screen.findByRole('button', { name: 'Remove it for good' }))
    await waitFor(() => expect(removed).toEqual([`work ${unreadable.id}`]))
  })

  it('cannot be replayed where nothing would come of it, and say why', async () => {
    const user = userEvent.setup()
    const { replayed } = open([moot])
    const button = (await rowOf(/No run has this id/)).getByRole('button', { name: /^Replay/ })
    expect(button.getAttribute('aria-disabled')).toBe('true')
    await user.click(button)
    expect(replayed).toEqual([])
  })

  it('show what is lost before one is removed', async () => {
    const user = userEvent.setup()
    const { removed } = open([awaited])
    await user.click((await rowOf(/Failed 5 times/)).getByRole('button', { name: 'Remove…' }))
    expect(await screen.findByText('is deleted, with the text of the answer')).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Remove it for good' }))
    await waitFor(() => expect(removed).toEqual([`answers ${awaited.id}`]))
  })
})
