import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import { setUpPages } from '../../lib/test-pages.tsx'
import { DryRunServerPanel } from './dry-run-server-panel.tsx'

const pages = setUpPages()
const contexts = [
  { name: 'dev', server: 'https://10.0.0.1:6443', namespace: 'shop', current: true },
  { name: 'prod', server: 'https://10.0.0.2:6443', namespace: null, current: false },
]

interface World {
  readonly server?: { kind: 'kubeconfig'; kubeconfig: string | null; context: string; namespace: string | null }
  readonly unreadable?: string
  readonly refusal?: string
}

/** The panel over a host with this setting; returns what it was told to save. */
function open({ server, unreadable, refusal }: World = {}) {
  const saved: unknown[] = []
  pages.show(<DryRunServerPanel />, {
    settings: {
      dryRunServer: () => Promise.resolve(server ?? { kind: 'none' }),
      kubeContexts: () =>
        unreadable === undefined ? Promise.resolve({ contexts }) : Promise.reject(new ConsoleError('unavailable', unreadable)),
      saveDryRunServer: (wanted) => {
        if (refusal !== undefined) return Promise.reject(new ConsoleError('unavailable', refusal))
        saved.push(wanted.server)
        return Promise.resolve({ tried: wanted.server.kind === 'none' ? null : { version: '1.36.3', remark: null } })
      },
    },
  })
  return saved
}

describe('the server for dry runs', () => {
  it('is chosen among the contexts of the kubeconfig and tried before it is kept', async () => {
    const user = userEvent.setup()
    const saved = open()
    await user.click(await screen.findByRole('radio', { name: 'Kubernetes server' }))
    await user.click(screen.getByRole('combobox', { name: 'Context' }))
    await user.click(await screen.findByRole('option', { name: 'dev' }))
    expect(screen.getByText('https://10.0.0.1:6443')).toBeTruthy()
    expect(screen.getByRole('textbox', { name: 'Namespace' }).getAttribute('placeholder')).toBe('shop')
    await user.click(screen.getByRole('button', { name: /^Test and save/ }))
    await waitFor(() => expect(saved).toEqual([{ kind: 'kubeconfig', kubeconfig: null, context: 'dev', namespace: null }]))
    expect((await screen.findByRole('status')).textContent).toContain(
      'Connected to Kubernetes 1.36.3. A config map was tried and taken.',
    )
    expect(screen.getByRole('button', { name: /^Test again/ })).toBeTruthy()
  })

  it('says why a kubeconfig cannot be read, and why a server was refused', async () => {
    const user = userEvent.setup()
    const saved = open({
      server: { kind: 'kubeconfig', kubeconfig: '/etc/kube', context: 'dev', namespace: null },
      unreadable: 'The kubeconfig /etc/kube does not exist or is no file.',
      refusal: 'The Kubernetes server does not take the credentials of the context.',
    })
    expect(await screen.findByText(/\/etc\/kube does not exist/)).toBeTruthy()
    await user.click(screen.getByRole('button', { name: /^Test again/ }))
    expect((await screen.findByRole('alert')).textContent).toContain('does not take the credentials')
    expect(saved).toEqual([])
  })

  it('is given up for the shipped schemas', async () => {
    const user = userEvent.setup()
    const saved = open({ server: { kind: 'kubeconfig', kubeconfig: null, context: 'dev', namespace: 'shop' } })
    await user.click(await screen.findByRole('radio', { name: 'Shipped schemas' }))
    await user.click(screen.getByRole('button', { name: /^Save/ }))
    await waitFor(() => expect(saved).toEqual([{ kind: 'none' }]))
  })
})
