import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { ConsoleError } from '../../../../src-preload/contract/errors.ts'
import type { SheddingView } from '../../../../src-preload/contract/batch.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { SheddingBanner } from './shedding-banner.tsx'

const pages = setUpPages()
const since = new Date(2026, 6, 16, 14, 32).getTime()
const mild: SheddingView = { since, why: ['the queue is 83 % full'], actions: ['defer_low'], escalated_at: null }
const called: SheddingView = {
  ...mild,
  why: [...mild.why, 'it has lasted for an hour'],
  actions: ['defer_low', 'lower_concurrency', 'reject_new', 'escalate'],
  escalated_at: since + 3_600_000,
}

describe('the banner of load shedding', () => {
  it('says since when, why and what is held back, and calls nobody at first', () => {
    pages.show(<SheddingBanner shedding={mild} now={since} />)
    expect(screen.getByRole('status').textContent).toContain(
      'Batches are held back since 14:32: the queue is 83 % full. Until that is over, batches of low priority wait for those of high priority on their engine. It is looked at every 5 minutes.',
    )
    expect(screen.getByRole('link', { name: 'Models & engines' }).getAttribute('href')).toBe('/local/models')
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('names each step that is in force, and takes a word from whoever has seen it', async () => {
    const user = userEvent.setup()
    const acknowledged: unknown[] = []
    pages.show(<SheddingBanner shedding={called} now={since} />, {
      batch: { acknowledgeShedding: (input) => Promise.resolve(void acknowledged.push(input)).then(() => ({})) },
    })
    const { textContent } = screen.getByRole('alert')
    for (const words of ['it has lasted for an hour', 'half as many requests run at once', 'no new batch is taken in'])
      expect(textContent).toContain(words)
    await user.click(screen.getByRole('button', { name: 'I have seen it' }))
    await waitFor(() => expect(acknowledged).toEqual([{}]))
  })

  it('can be acknowledged again where that failed', async () => {
    const user = userEvent.setup()
    let asked = 0
    pages.show(<SheddingBanner shedding={called} now={since} />, {
      batch: {
        acknowledgeShedding: () => {
          asked += 1
          return Promise.reject(new ConsoleError('unavailable', 'The host is busy.'))
        },
      },
    })
    await user.click(screen.getByRole('button', { name: 'I have seen it' }))
    await waitFor(() => expect(screen.getByRole('button').getAttribute('aria-disabled')).toBeNull())
    await user.click(screen.getByRole('button', { name: 'I have seen it' }))
    await waitFor(() => expect(asked).toBe(2))
  })
})
