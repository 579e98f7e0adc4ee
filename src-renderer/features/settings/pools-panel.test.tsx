import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { BatchPool, BatchPools } from '../../../src-preload/contract/batch.ts'
import { batchRow } from '../../lib/sample-batches.ts'
import { setUpPages, standing } from '../../lib/test-pages.tsx'
import { PoolsPanel } from './pools-panel.tsx'

const pages = setUpPages()
const spot = { name: 'spot', slots: 2, hour_micro_usd: 100_000 } as const
const usual = { usual_hour_micro_usd: 2_000_000 }
const taken: BatchPools = { pools: [{ ...spot, batches: ['batch_1', 'batch_2'] }], waiting: ['batch_3'], ...usual }
const none: BatchPools = { pools: [], waiting: [], ...usual }

/** The panel over a host with these pools; returns what it was told to save. */
function open(pools: BatchPools) {
  const saved: BatchPool[][] = []
  const counts = { all: 1, moving: 1, waiting: 0, at_risk: 0, failed: 0 }
  pages.show(<PoolsPanel />, {
    batch: {
      pools: () => Promise.resolve(pools),
      savePools: (wanted) => {
        saved.push(wanted.pools)
        return Promise.resolve({ pools: wanted.pools.map((pool) => ({ ...pool, batches: [] })), waiting: [], ...usual })
      },
      watchMoving: (_, signal) => standing({ rows: [batchRow()], live: [], shedding: null, counts }, signal),
    },
  })
  return saved
}

const save = () => screen.getByRole('button', { name: /^Save the slots/ })
const field = (name: string) => screen.findByRole('textbox', { name })
const put = async (name: string, value: string) => {
  await userEvent.clear(await field(name))
  await userEvent.type(await field(name), value)
}

describe('the slots of batches', () => {
  it('say which batches have them and which wait, with a way to each', async () => {
    open(taken)
    const row = within((await screen.findByText('Spot')).closest('tr') ?? expect.unreachable('it stands in a row'))
    expect((await row.findByRole('link', { name: 'summaries' })).getAttribute('href')).toBe('/local/batches/batch_1')
    expect(screen.getByText(/1\sbatch waits for a slot/)).toBeTruthy()
    expect(screen.getByRole('link', { name: 'batch_3' })).toBeTruthy()
  })

  it('are saved with their price, and what that does is said before', async () => {
    const user = userEvent.setup()
    const saved = open(none)
    await put('Dedicated slots', '3')
    await put('Dollars for an hour of one dedicated slot', '0.5')
    expect(screen.getByText(/a batch without a slot waits, also one that runs now/)).toBeTruthy()
    await user.click(save())
    await waitFor(() =>
      expect(saved).toEqual([
        [
          { name: 'spot', slots: 0, hour_micro_usd: 2_000_000 },
          { name: 'dedicated', slots: 3, hour_micro_usd: 500_000 },
        ],
      ]),
    )
    await waitFor(() => expect(save().getAttribute('aria-disabled')).toBe('true'))
  })

  it('check 8: cost $2 an hour where no other price is given', async () => {
    const user = userEvent.setup()
    const saved = open(none)
    await put('Dedicated slots', '1')
    await user.click(save())
    await waitFor(() => expect(saved[0]?.[1]).toEqual({ name: 'dedicated', slots: 1, hour_micro_usd: 2_000_000 }))
  })

  it('name the batches that lose theirs, and are needed by no batch once none is left', async () => {
    const user = userEvent.setup()
    const saved = open(taken)
    await put('Dedicated slots', '1')
    await put('Spot slots', '1')
    expect(screen.getByText(/1\sbatch on spot, the last to come, gives its slot back at once/)).toBeTruthy()
    await put('Dedicated slots', '0')
    await put('Spot slots', '0')
    expect(screen.getByText(/Batches need no slot any more/)).toBeTruthy()
    await user.click(save())
    await waitFor(() => expect(saved).toEqual([[]]))
  })

  it('are not saved while nothing was changed or a number is missing', async () => {
    const user = userEvent.setup()
    const saved = open(taken)
    const slots = await field('Spot slots')
    await user.click(save())
    await user.clear(slots)
    expect(slots.getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByRole('alert').textContent).toContain('whole numbers up to 1,000')
    await user.click(save())
    expect(saved).toEqual([])
  })
})
