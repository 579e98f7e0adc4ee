import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import { setUpPages } from '../../lib/test-pages.tsx'
import type { FileStoreView } from './file-store-fields.ts'
import { FileStorePanel } from './file-store-panel.tsx'

const pages = setUpPages()
const directory = { kind: 'directory' } as const
const s3 = { kind: 's3', endpoint: 'https://s3.example.org', bucket: 'batches', region: 'us-east-1' } as const

/** The panel over a host that keeps files so; returns what it was told to save. */
function open(view: FileStoreView, refusal?: ConsoleError) {
  const saved: unknown[] = []
  pages.show(<FileStorePanel />, {
    settings: {
      fileStore: () => Promise.resolve(view),
      saveFileStore: (wanted) => (refusal ? Promise.reject(refusal) : Promise.resolve(void saved.push(wanted)).then(() => ({}))),
    },
  })
  return saved
}

const submit = (name: RegExp) => screen.getByRole('button', { name })

describe('where files of batches are kept', () => {
  it('is changed to an object store with its keys, which is then awaited until the next start', async () => {
    const user = userEvent.setup()
    const saved = open({ store: directory, in_use: directory, has_keys: false })
    await user.click(await screen.findByRole('radio', { name: 'S3-compatible store' }))
    await user.type(screen.getByRole('textbox', { name: 'Endpoint' }), s3.endpoint)
    await user.type(screen.getByRole('textbox', { name: 'Bucket' }), s3.bucket)
    await user.type(screen.getByLabelText('Access key'), 'key')
    await user.type(screen.getByLabelText('Secret key'), 'secret')
    await user.click(submit(/^Test and save/))
    await waitFor(() => expect(saved).toEqual([{ store: s3, keys: { access_key: 'key', secret_key: 'secret' } }]))
    expect((await screen.findByRole('status')).textContent).toContain(
      'New files go to the bucket batches at https://s3.example.org once Signalbox is started again; until then to this machine.',
    )
    expect(screen.queryByDisplayValue('secret')).toBeNull()
  })

  it('is refused at the field that cannot be used, before anything is sent', async () => {
    const user = userEvent.setup()
    const saved = open({ store: directory, in_use: directory, has_keys: false })
    await user.click(await screen.findByRole('radio', { name: 'S3-compatible store' }))
    await user.type(screen.getByRole('textbox', { name: 'Endpoint' }), 's3.example.org')
    await user.click(submit(/^Test and save/))
    expect(await screen.findByText(/An address such as https/)).toBeTruthy()
    expect(screen.getByText(/3 to 63 lower-case letters/)).toBeTruthy()
    expect(screen.getAllByText('Both keys are needed.')).toHaveLength(2)
    expect(saved).toEqual([])
  })

  it('warns of a store whose keys are gone', async () => {
    open({ store: s3, in_use: s3, has_keys: false })
    expect((await screen.findByRole('status')).textContent).toContain('Its keys are not entered')
  })

  it('says why a store that was tried is not used', async () => {
    const user = userEvent.setup()
    open({ store: s3, in_use: s3, has_keys: true }, new ConsoleError('unavailable', 'https://s3.example.org cannot be reached.'))
    await user.type(await screen.findByRole('textbox', { name: 'Bucket' }), '-2')
    await user.click(submit(/^Test and save/))
    expect((await screen.findByRole('alert')).textContent).toContain('https://s3.example.org cannot be reached.')
  })

  it('goes back to this machine, and keeps its keys when it is changed without new ones', async () => {
    const user = userEvent.setup()
    const saved = open({ store: s3, in_use: s3, has_keys: true })
    await user.type(await screen.findByRole('textbox', { name: 'Bucket' }), '-2')
    await user.click(submit(/^Test and save/))
    await waitFor(() => expect(saved).toEqual([{ store: { ...s3, bucket: 'batches-2' } }]))
    await user.click(screen.getByRole('radio', { name: 'This machine' }))
    await user.click(submit(/^Save/))
    await waitFor(() => expect(saved).toEqual([{ store: { ...s3, bucket: 'batches-2' } }, { store: directory }]))
  })
})
