import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { ConsoleError } from '../../../../src-preload/contract/errors.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { WholeText } from './whole-text.tsx'

const pages = setUpPages()

const reference = { sha256: 'ab'.repeat(32), size: 2_000_000 }

describe('a text that is too large for the board', () => {
  it('says that only its beginning is shown, and is read on piece by piece', async () => {
    const pieces = [
      { text: 'first piece', next: 262_144 },
      { text: ', last piece', next: null },
    ]
    const { show } = pages.host({
      deliberation: { text: ({ offset }) => Promise.resolve(pieces[offset === 0 ? 0 : 1] ?? { text: '', next: null }) },
    })
    show(<WholeText taskId="a" reference={reference} />)
    await userEvent.click(screen.getByRole('button', { name: 'Read the whole text' }))
    expect(await screen.findByText('first piece')).toBeDefined()
    await userEvent.click(screen.getByRole('button', { name: 'Read on' }))
    expect(await screen.findByText('first piece, last piece')).toBeDefined()
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('says why it cannot be read, and can be asked again', async () => {
    const { show } = pages.host({
      deliberation: { text: () => Promise.reject(new ConsoleError('internal', 'The text is no longer in the blob store.')) },
    })
    show(<WholeText taskId="a" reference={reference} />)
    await userEvent.click(screen.getByRole('button', { name: 'Read the whole text' }))
    expect((await screen.findByRole('alert')).textContent).toBe('The text is no longer in the blob store.')
    expect(screen.getByRole('button', { name: 'Read the whole text' })).toBeDefined()
  })

  it('needs nothing where the text is whole', () => {
    const { show } = pages.host()
    show(<WholeText taskId="a" reference={undefined} />)
    expect(screen.queryByRole('button')).toBeNull()
  })
})
