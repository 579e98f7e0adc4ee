import { createContext, use, useLayoutEffect, useMemo, type ReactNode } from 'react'
import { preferences as preferencesSchema, type Preferences } from '../../src-preload/contract/settings.ts'
import { systemView, type Notice, type SystemView } from '../../src-preload/contract/system.ts'
import { ConsoleContext, required, type Console } from './console.tsx'
import type { Live } from './live-store.ts'
import { useStream } from './use-stream.ts'

const SystemContext = createContext<Live<SystemView> | null>(null)
const NoticesContext = createContext<readonly Notice[] | null>(null)
const PreferencesContext = createContext<PreferencesState | null>(null)

const ReadOnlyContext = createContext<string | null>(null)

interface PreferencesState {
  readonly preferences: Preferences
  /** False until the host, or an earlier picture of it, has said what they are: `preferences` then are the defaults. */
  readonly known: boolean
  /** Sends the change; what the host then says comes back here. Rejects when it is refused. */
  readonly save: (patch: Partial<Preferences>) => Promise<void>
}

/** Hands host, connection and actions down, and follows the streams that every page needs once for all of them. */
export function ConsoleProvider({ console, children }: { console: Console; children: ReactNode }) {
  return (
    <ConsoleContext value={console}>
      <Shared console={console}>{children}</Shared>
    </ConsoleContext>
  )
}

const noticesKept = 50

function Shared({ console: { host, actions }, children }: { console: Console; children: ReactNode }) {
  const system = useStream('system', {
    open: (signal) => host.system.watch({}, signal),
    fold: (_: SystemView | null, view) => view,
    cache: { name: 'system', schema: systemView },
  })
  const stored = useStream('preferences', {
    open: (signal) => host.settings.watchPreferences({}, signal),
    fold: (_: Preferences | null, chosen) => chosen,
    cache: { name: 'preferences', schema: preferencesSchema },
  })
  const notices = useStream('notices', {
    open: (signal) => host.system.watchNotices({}, signal),
    fold: (known: readonly Notice[] | null, { type, notices }) => {
      const all = type === 'snapshot' ? notices : [...(known ?? []), ...notices]
      return all.toSorted((a, b) => b.at - a.at).slice(0, noticesKept)
    },
    whileHidden: true,
  })
  const preferences = useMemo<PreferencesState>(
    () => ({
      preferences: stored.value ?? preferencesSchema.parse({}),
      known: stored.value !== null,
      save: async (patch) => {
        await host.settings.savePreferences(patch)
      },
    }),
    [host, stored.value],
  )
  const readOnly = system.value?.started_read_only
    ? 'Read-only: Signalbox was started with --read-only.'
    : stored.value?.read_only
      ? 'Read-only mode is on: Settings, Connections switches it off.'
      : null
  useLayoutEffect(() => actions.setReadOnly(readOnly), [actions, readOnly])
  return (
    <SystemContext value={system}>
      <NoticesContext value={notices.value}>
        <PreferencesContext value={preferences}>
          <ReadOnlyContext value={readOnly}>{children}</ReadOnlyContext>
        </PreferencesContext>
      </NoticesContext>
    </SystemContext>
  )
}

export function useSystem(): Live<SystemView> {
  return required(use(SystemContext))
}

/** Newest first; null until the host has sent them. */
export function useNotices(): readonly Notice[] | null {
  return use(NoticesContext)
}

/** Why nothing can be changed now; null where it can. */
export function useReadOnly(): string | null {
  return use(ReadOnlyContext)
}

export function usePreferences(): PreferencesState {
  return required(use(PreferencesContext))
}
