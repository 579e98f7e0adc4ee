import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it } from 'vitest'
import type { SubmitBatch } from '../../../../src-preload/contract/batch.ts'
import type { ModelsView, ServedModelView } from '../../../../src-preload/contract/model.ts'
import { batchDetail, batchRow, fileReport, storedFile } from '../../../lib/sample-batches.ts'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { NewBatchPage } from './new-batch-page.tsx'

const pages = setUpPages()

beforeEach(() => {
  localStorage.clear()
})
const served = (engine_id: string, model: string): ServedModelView => ({
  reference: { engine_id, model },
  label: model,
  engine: engine_id,
  context_tokens: 4096,
  starter: false,
  parallel: 4,
  tokens_per_second: null,
  price_in: 100_000,
  price_out: 400_000,
})
const engine = (one: ServedModelView): ModelsView['engines'][number] => ({
  engine_id: one.engine,
  name: one.engine,
  kind: 'endpoint',
  base_url: null,
  has_key: false,
  state: 'ready',
  detail: '',
  checked_at: null,
  running: 0,
  waiting: 0,
  parallel: 4,
  tokens_per_second: null,
  models: [one],
})
const models: ModelsView = {
  catalogue: [],
  engines: [served('first', 'm'), served('second', 'medium'), served('third', 'large')].map(engine),
  disk: { models_bytes: 0, free_bytes: 1 },
  machine: { cores: 2, memory_bytes: 1, free_memory_bytes: 1 },
}
/** The form as it was for an earlier batch: its file is there already. */
function open(fallbacks: NonNullable<SubmitBatch['settings']>['fallbacks']) {
  window.history.replaceState(null, '', '/local/batches/new?from=batch_1')
  const asked: SubmitBatch[] = []
  const detail = batchDetail(batchRow({ engine_id: null }))
  const settings = { ...detail.settings, fallbacks: fallbacks?.map((one) => ({ escalation_only: false, ...one })) }
  const console = pages.host({
    batch: {
      // eslint-disable-next-line @typescript-eslint/require-await -- one picture
      watch: async function* () {
        yield { detail: { ...detail, settings }, live: null }
      },
      files: () => Promise.resolve({ files: [storedFile] }),
      // eslint-disable-next-line @typescript-eslint/require-await -- read at once
      validate: async function* () {
        yield { bytes: 10, report: fileReport() }
      },
      estimate: ({ batch }) => {
        asked.push(batch)
        return new Promise(() => {})
      },
    },
    model: {
      // eslint-disable-next-line @typescript-eslint/require-await -- one picture
      watch: async function* () {
        yield models
      },
    },
  })
  console.show(<NewBatchPage />)
  return { last: () => asked.at(-1)?.settings?.fallbacks, batch: () => asked.at(-1) }
}

it('names fallback models in their order, and marks one for the last 15 minutes', async () => {
  const user = userEvent.setup()
  const { last } = open(undefined)
  const add = async (name: RegExp) => {
    await user.click(await screen.findByRole('combobox', { name: 'Add a fallback model' }))
    await user.click(await screen.findByRole('option', { name }))
  }
  await screen.findByText(/3 requests for m/)
  expect(screen.queryByText(/Near the deadline, if its own model/)).toBeNull()
  await add(/^medium/)
  await add(/^large/)
  await user.click(screen.getByRole('switch', { name: 'large only in the last 15 minutes' }))
  await waitFor(() =>
    expect(last()).toEqual([
      { engine_id: 'second', model: 'medium', escalation_only: false },
      { engine_id: 'third', model: 'large', escalation_only: true },
    ]),
  )
  expect(screen.getByText(/Near the deadline, if its own model/)).toBeTruthy()
})

it('keeps the fallbacks of the batch that is cloned until they are removed', async () => {
  const user = userEvent.setup()
  const { last } = open([{ engine_id: 'second', model: 'medium' }])
  await waitFor(() => expect(last()).toEqual([{ engine_id: 'second', model: 'medium', escalation_only: false }]))
  await user.click(screen.getByRole('button', { name: 'Remove medium' }))
  await waitFor(() => expect(last()).toBeUndefined())
})

it('asks for a background batch with metadata, whose result files go after some days', async () => {
  const user = userEvent.setup()
  const { batch } = open(undefined)
  await screen.findByText(/3 requests for m/)
  await user.click(screen.getByText('Advanced'))
  await user.click(screen.getByRole('switch', { name: /^Background/ }))
  await user.type(screen.getByRole('textbox', { name: /^Remove the result files after/ }), '7')
  await user.type(screen.getByRole('textbox', { name: /^Metadata/ }), 'team=search{enter}run = a=b')
  await waitFor(() =>
    expect(batch()).toMatchObject({
      completion_window: 'background',
      metadata: { team: 'search', run: 'a=b' },
      output_expires_after: { anchor: 'created_at', seconds: 7 * 86_400 },
    }),
  )
  expect(screen.getByText('Advanced · background · results kept 7 days · metadata')).toBeTruthy()
  await user.type(screen.getByRole('textbox', { name: /^Metadata/ }), '{enter}odd')
  expect(await screen.findByText('The metadata cannot be read')).toBeTruthy()
})
