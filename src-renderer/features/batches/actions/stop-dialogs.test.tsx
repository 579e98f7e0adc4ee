import { act, cleanup, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CancelBanners } from '../../../app/cancel-banners.tsx'
import { CANCEL_WINDOW_MS } from '../../../lib/cancel-windows.ts'
import { batchRow } from '../../../lib/sample-batches.ts'
import { stubBrowser, testConsole } from '../../../lib/test-console.tsx'
import { CancelBatchDialog, RemoveBatchDialog } from './stop-dialogs.tsx'

beforeEach(() => {
  stubBrowser()
  window.history.replaceState(null, '', '/local/batches/batch_1')
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const row = batchRow({ name: 'nightly' })
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
const onRemoved = vi.fn()

const dialogs = {
  cancel: {
    dialog: <CancelBatchDialog row={row} live={null} onClose={() => undefined} />,
    confirm: /^Cancel, drops/,
    words: 'Cancelling nightly in 8\u00a0s',
  },
  remove: {
    dialog: <RemoveBatchDialog row={row} onRemoved={onRemoved} onClose={() => undefined} />,
    confirm: 'Delete it for good',
    words: 'Deleting nightly in 8\u00a0s',
  },
}

describe.each(Object.entries(dialogs))('the confirmed %s of a batch', (verb, { dialog, confirm, words }) => {
  async function confirmed() {
    const asked = vi.fn()
    const answer = ({ batch_id }: { batch_id: string }) => {
      asked(batch_id)
      return Promise.resolve({ row })
    }
    const { show } = testConsole({ answers: { batch: { [verb]: answer } } })
    show(
      <>
        <CancelBanners />
        {dialog}
      </>,
    )
    await pass(0)
    act(() => screen.getByRole('button', { name: confirm }).click())
    await pass(0)
    return asked
  }

  it('is sent when its cancel window is over', async () => {
    const asked = await confirmed()
    expect(screen.getByText((_, element) => element?.tagName === 'SPAN' && element.textContent === words)).toBeTruthy()
    await pass(CANCEL_WINDOW_MS - 1)
    expect(asked).not.toHaveBeenCalled()
    await pass(1000)
    expect(asked).toHaveBeenCalledExactlyOnceWith('batch_1')
    expect(onRemoved).toHaveBeenCalledTimes(verb === 'remove' ? 1 : 0)
  })

  it('is never sent once it was called off', async () => {
    const asked = await confirmed()
    act(() => screen.getByRole('button', { name: 'Undo' }).click())
    await pass(2 * CANCEL_WINDOW_MS)
    expect(asked).not.toHaveBeenCalled()
  })
})
