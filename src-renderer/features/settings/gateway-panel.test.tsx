import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { stubBrowser, testConsole } from '../../lib/test-console.tsx'
import { GatewayPanel } from './gateway-panel.tsx'

let close = () => {}
beforeEach(() => stubBrowser())
afterEach(() => {
  cleanup()
  close()
  vi.unstubAllGlobals()
})

it('has figures told under the names of other batch servers until that is switched off', async () => {
  const user = userEvent.setup()
  const console = testConsole({
    answers: {
      settings: {
        watchGateway: async function* (_, signal) {
          yield { enabled: true, port: 8080, forced_port: null, state: { kind: 'on', url: 'http://127.0.0.1:8080' } }
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
      },
    },
  })
  close = console.close
  console.show(<GatewayPanel />)
  const aliases = await screen.findByRole<HTMLInputElement>('switch', { name: /names of other batch servers/ })
  expect(aliases.checked).toBe(true)
  await user.click(aliases)
  await waitFor(() => expect(aliases.checked).toBe(false))
})
