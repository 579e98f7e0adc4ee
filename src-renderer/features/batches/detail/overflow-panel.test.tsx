import { cleanup, render, screen } from '@testing-library/react'
import { MantineProvider } from '@mantine/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { batchDetail, batchLive, batchRow } from '../../../lib/sample-batches.ts'
import { stubBrowser } from '../../../lib/test-console.tsx'
import { OverflowPanel } from './overflow-panel.tsx'

beforeEach(stubBrowser)
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const HOUR = 3_600_000
const large = { engine_id: 'other', model: 'large' }
const detail = batchDetail()
const named = { ...detail, settings: { ...detail.settings, fallbacks: [{ ...large, escalation_only: true }] } }
type Overflow = NonNullable<ReturnType<typeof batchLive>['overflow']>
const show = (of: typeof detail, overflow?: Overflow) =>
  render(
    <MantineProvider env="test">
      <OverflowPanel detail={of} live={overflow ? batchLive({ overflow }) : null} now={HOUR} />
    </MantineProvider>,
  )

it('shows nothing of a batch without fallbacks', () => {
  show(detail)
  expect(screen.queryByText('Fallback models')).toBeNull()
})

it('says who stands in and when, and nothing more while the batch keeps to its own model', () => {
  show(named, { from: 23 * HOUR, to: null, why: null })
  expect(screen.getByText('large on other')).toBeTruthy()
  expect(screen.getByText('in the last 15 minutes')).toBeTruthy()
  expect(screen.queryByRole('status')).toBeNull()
})

it.each<[string, Overflow, string]>([
  ['that rows go to a fallback', { from: 0, to: large, why: 'it is down' }, 'Rows go to large on other too, because it is down.'],
  ['that none can take them', { from: 0, to: null, why: 'large is down' }, 'No fallback takes over: large is down.'],
])('tells %s, and why', (_name, overflow, words) => {
  show(named, overflow)
  expect(screen.getByRole('status').textContent).toContain(words)
})

it('tells in the end how many rows each model answered', () => {
  show({ ...named, row: batchRow({ status: 'completed', ended_at: HOUR }), served_by: { 'e/m': 80, 'other/large': 20 } })
  expect(screen.getByText('other/large')).toBeTruthy()
  expect(screen.getByText('20 rows')).toBeTruthy()
})
