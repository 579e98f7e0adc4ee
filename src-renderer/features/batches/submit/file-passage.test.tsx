import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { FileReport, StoredFile, SubmitBatch } from '../../../../src-preload/contract/batch.ts'
import { batchDetail, batchRow } from '../../../lib/sample-batches.ts'
import type { TestAnswers } from '../../../lib/test-console.tsx'
import { setUpPages } from '../../../lib/test-pages.tsx'
import { NewBatchPage } from './new-batch-page.tsx'

const pages = setUpPages()

beforeEach(() => {
  window.history.replaceState(null, '', '/local/batches/new')
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(600)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const SIZE = 2_000_000
const stored: StoredFile = {
  id: 'file-1',
  filename: 'words.jsonl',
  purpose: 'batch',
  content: { sha256: 'a'.repeat(64), size: SIZE },
  tenant: 'local',
  created_at: 0,
  expires_at: null,
}
const report = (more: Partial<FileReport> = {}): FileReport => ({
  lines: 50_000,
  requests: 50_000,
  bytes: SIZE,
  model: 'small',
  error_count: 0,
  errors: [],
  tokens_in_estimate: 1,
  max_tokens_sum: null,
  preview: ['{"custom_id":"word-0"}'],
  fingerprint: 'f',
  ...more,
})

function gate() {
  let open = () => {}
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { open: () => open(), passed }
}

function open(batch: NonNullable<TestAnswers['batch']>) {
  const testing = pages.host({ batch })
  testing.show(<NewBatchPage />)
}

const drop = async () =>
  userEvent.upload(screen.getByLabelText('File of requests'), new File(['x'.repeat(SIZE)], 'words.jsonl'), { applyAccept: false })

it('a file is followed on its way, into the store and through its check, to the one line that is wrong', async () => {
  const [half, all, checked] = [gate(), gate(), gate()]
  const error = { line: 50_000, column: 151, code: 'invalid_json', param: null, message: 'This text is not closed.' }
  open({
    beginUpload: () => Promise.resolve({ upload_id: 'upload-1' }),
    appendUpload: async ({ offset, base64 }) => {
      if (offset > SIZE / 2) await half.passed
      return { received: offset + Math.floor((base64.length * 3) / 4) }
    },
    finishUpload: () => all.passed.then(() => ({ file: stored })),
    validate: async function* () {
      yield { bytes: SIZE / 4, report: null }
      await checked.passed
      yield { bytes: SIZE, report: report({ error_count: 1, errors: [error] }) }
    },
  })
  await drop()
  await waitFor(() => expect(screen.getByRole('heading', { level: 1 }).textContent).toMatch(/^Taking in words\.jsonl, \d/))
  expect(screen.getByText(/on its way to the host, .* of 2.0.MB/)).toBeTruthy()
  half.open()
  await screen.findByRole('heading', { name: /Storing words.jsonl/ })
  all.open()
  await screen.findByRole('heading', { name: /Reading words.jsonl, 25.%/ })
  expect(screen.getByText(/every line is being checked, 500.kB of 2.0.MB/)).toBeTruthy()
  checked.open()
  await screen.findByRole('heading', { name: /This file cannot be run: 1.error in 50,000.lines/ })
  expect(screen.getByText('Line 50,000: This text is not closed.')).toBeTruthy()
  expect((await screen.findByRole('table', { name: 'Errors of the file' })).textContent).toContain('50,000151invalid_json')
})

it('a file on its way can be given up; nothing of it stays', async () => {
  const said: string[] = []
  open({
    beginUpload: () => Promise.resolve({ upload_id: 'upload-1' }),
    appendUpload: () => new Promise(() => undefined),
    abandonUpload: () => {
      said.push('abandoned')
      return Promise.resolve({})
    },
  })
  await drop()
  await userEvent.click(await screen.findByRole('button', { name: 'Stop' }))
  await screen.findByRole('heading', { name: /Drop a file of requests/ })
  await waitFor(() => expect(said).toEqual(['abandoned']))
})

it('a clone has the file and the settings of the batch it is made from, with nothing to send again', async () => {
  window.history.replaceState(null, '', '/local/batches/new?from=batch_1')
  const detail = batchDetail(batchRow())
  const estimated: SubmitBatch[] = []
  open({
    watch: async function* (_, signal) {
      yield {
        detail: {
          ...detail,
          settings: {
            ...detail.settings,
            priority_offset: 1,
            max_concurrency: 7,
            max_retries: 5,
            on_deadline: 'continue',
            not_before: 9,
          },
        },
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    },
    files: () => Promise.resolve({ files: [stored] }),
    validate: async function* () {
      yield await Promise.resolve({ bytes: SIZE, report: report() })
    },
    estimate: ({ batch }) => {
      estimated.push(batch)
      return Promise.reject(new Error('no model'))
    },
  })
  await waitFor(() => expect(estimated.length).toBeGreaterThan(0))
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe(detail.spec.name)
  expect(estimated.at(-1)).toMatchObject({
    input_file_id: 'file-1',
    settings: { priority_offset: 1, max_concurrency: 7, max_retries: 5, on_deadline: 'continue' },
  })
  expect(estimated.at(-1)?.settings).not.toHaveProperty('not_before')
  const before = estimated.length
  await userEvent.type(screen.getByLabelText('Name'), ' again')
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(estimated.length).toBe(before)
})
