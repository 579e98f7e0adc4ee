import { createContext, use, useSyncExternalStore } from 'react'
import type { ConnectionState } from '../../src-preload/channel/connection.ts'
import type { Client } from '../../src-preload/contract/define.ts'
import type { ConsoleContract } from '../../src-preload/contract/index.ts'
import type { ActionRegistry } from './actions.ts'
import type { CancelWindows } from './cancel-windows.ts'

export type HostClient = Client<ConsoleContract>

/** What the page is given at its start. */
export interface Console {
  readonly host: HostClient
  readonly connection: {
    readonly state: () => ConnectionState
    readonly subscribe: (listener: () => void) => () => void
    readonly retryNow: () => void
  }
  readonly actions: ActionRegistry
  readonly cancelWindows: CancelWindows
}

export const ConsoleContext = createContext<Console | null>(null)

/** The value of a context that must have been provided. */
export function required<T>(value: T | null): T {
  if (value === null) throw new Error('This component must stand inside <ConsoleProvider>.')
  return value
}

export function useConsole(): Console {
  return required(use(ConsoleContext))
}

/** The host's functions, e.g. `host.deliberation.submit(…)`. */
export function useHost(): HostClient {
  return useConsole().host
}

export function useConnection(): ConnectionState {
  const { connection } = useConsole()
  return useSyncExternalStore(connection.subscribe, connection.state)
}

/** What waits in its cancel window, and how to open one. */
export function useCancelWindows() {
  const { cancelWindows } = useConsole()
  const waiting = useSyncExternalStore(cancelWindows.subscribe, cancelWindows.waiting)
  return { waiting, open: cancelWindows.open, callOff: cancelWindows.callOff }
}
