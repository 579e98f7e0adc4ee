import { render } from '@testing-library/react'
import { MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { vi } from 'vitest'
import { channelPair, type Channel } from '../../src-preload/channel/channel.ts'
import { connect } from '../../src-preload/channel/client.ts'
import { Connection } from '../../src-preload/channel/connection.ts'
import { serve } from '../../src-preload/channel/server.ts'
import type { Handlers } from '../../src-preload/contract/define.ts'
import { ConsoleError } from '../../src-preload/contract/errors.ts'
import { consoleContract, type ConsoleContract } from '../../src-preload/contract/index.ts'
import { preferences as preferencesSchema, type Preferences } from '../../src-preload/contract/settings.ts'
import type { Notice, SystemView } from '../../src-preload/contract/system.ts'
import { ActionRegistry } from './actions.ts'
import { CancelWindows } from './cancel-windows.ts'
import { ConsoleProvider } from './shared-streams.tsx'

/** What a test's host answers in place of "there is none". */
export type TestAnswers = { readonly [F in keyof Handlers<ConsoleContract>]?: Partial<Handlers<ConsoleContract>[F]> }

/** What Mantine asks of a browser and jsdom has not. Undone by `vi.unstubAllGlobals()`. */
export function stubBrowser(): void {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }))
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  )
  // Text areas that grow measure anew when a font has arrived.
  Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true })
}

/** For tests: a small host in memory behind the real bridge, and the page's providers over it. */
export function testConsole({ reachable = true, answers = {} }: { reachable?: boolean; answers?: TestAnswers } = {}) {
  const system = feed<SystemView>(systemView)
  const notices = feed<{ type: 'snapshot' | 'new'; notices: Notice[] }>({ type: 'snapshot', notices: [] })
  const preferences = feed<Preferences>(preferencesSchema.parse({}))
  const failures: string[] = []
  const opened: Channel[] = []
  const state = { reachable }
  const open = (): Promise<Channel> => {
    if (!state.reachable) return Promise.reject(new Error('The host cannot be reached.'))
    const [pageEnd, hostEnd] = channelPair()
    opened.push(hostEnd)
    serve(consoleContract, withAnswers(handlers({ system, notices, preferences }), answers), hostEnd, {
      report: (report) => failures.push(JSON.stringify(report)),
    })
    return Promise.resolve(pageEnd)
  }
  const connection = new Connection(open, { firstDelayMs: 20, maxDelayMs: 50 })
  const actions = new ActionRegistry((action, fault) => failures.push(`${action.id}: ${String(fault)}`))
  const cancelWindows = new CancelWindows(({ title }, fault) => failures.push(`${title}: ${String(fault)}`))
  const host = connect(consoleContract, connection)
  const console = { host, connection, actions, cancelWindows }
  const wrap = (children: ReactNode) => (
    <ConsoleProvider console={console}>
      <MantineProvider env="test">{children}</MantineProvider>
    </ConsoleProvider>
  )
  return {
    ...console,
    system,
    notices,
    preferences,
    failures,
    show: (children: ReactNode) => render(wrap(children)),
    /** Cuts the connection; nothing answers until `restore`. */
    lose: () => {
      state.reachable = false
      opened.splice(0).forEach((channel) => channel.close())
    },
    restore: () => {
      state.reachable = true
      connection.retryNow()
    },
    close: () => connection.close(),
  }
}

export const systemView: SystemView = {
  version: '0.1.0',
  shell: 'server',
  started_read_only: false,
  context: { id: 'local', name: 'Local', kind: 'local' },
  now: 0,
  log: { last_sequence: 1, lag: 0, state: 'ok', detail: 'SQLite' },
  running_runs: 0,
  running_calls: 0,
  waiting_calls: 0,
  tokens_per_second_1m: 0,
  spend_today_micro_usd: 0,
  runs_today: 0,
  needs: [],
  dead_letters: 0,
  storage: [],
}

/** A value that streams follow: the newest first, then each next one. Counts its readers. */
function feed<T>(first: T) {
  let value = first
  const wakers = new Set<() => void>()
  const held = {
    readers: 0,
    push: (next: T) => {
      value = next
      wakers.forEach((wake) => wake())
      wakers.clear()
    },
    follow: async function* (signal: AbortSignal): AsyncGenerator<T> {
      held.readers += 1
      try {
        while (!signal.aborted) {
          yield value
          await new Promise<void>((resolve) => {
            wakers.add(resolve)
            signal.addEventListener('abort', () => resolve())
          })
        }
      } finally {
        held.readers -= 1
      }
    },
    value: () => value,
  }
  return held
}

function withAnswers(host: Handlers<ConsoleContract>, answers: TestAnswers): Handlers<ConsoleContract> {
  return {
    system: { ...host.system, ...answers.system },
    batch: { ...host.batch, ...answers.batch },
    deliberation: { ...host.deliberation, ...answers.deliberation },
    council: { ...host.council, ...answers.council },
    template: { ...host.template, ...answers.template },
    model: { ...host.model, ...answers.model },
    policy: { ...host.policy, ...answers.policy },
    key: { ...host.key, ...answers.key },
    settings: { ...host.settings, ...answers.settings },
  }
}

interface Feeds {
  readonly system: ReturnType<typeof feed<SystemView>>
  readonly notices: ReturnType<typeof feed<{ type: 'snapshot' | 'new'; notices: Notice[] }>>
  readonly preferences: ReturnType<typeof feed<Preferences>>
}

function handlers({ system, notices, preferences }: Feeds): Handlers<ConsoleContract> {
  const absent = (): never => {
    throw new ConsoleError('not-found', 'This host has none.')
  }
  const noCall = () => Promise.resolve().then(absent)
  const noStream = async function* (): AsyncGenerator<never> {
    yield await noCall()
  }
  return {
    system: {
      watch: (_, signal) => system.follow(signal),
      watchNotices: (_, signal) => notices.follow(signal),
      watchDeadLetters: noStream,
      replayDeadLetter: noCall,
      removeDeadLetter: noCall,
      tokens: noCall,
    },
    batch: {
      beginUpload: noCall,
      appendUpload: noCall,
      finishUpload: noCall,
      abandonUpload: noCall,
      files: noCall,
      removeFile: noCall,
      validate: noStream,
      estimate: noCall,
      submit: noCall,
      pause: noCall,
      resume: noCall,
      cancel: noCall,
      change: noCall,
      retry: noCall,
      remove: noCall,
      pools: noCall,
      savePools: noCall,
      acknowledgeShedding: noCall,
      watchList: noStream,
      watch: noStream,
      watchMoving: noStream,
      requests: noCall,
      merged: noCall,
      request: noCall,
      errors: noCall,
      forecasts: noCall,
      queueEffect: noCall,
      download: noStream,
    },
    settings: {
      watchPreferences: (_, signal) => preferences.follow(signal),
      savePreferences: (patch) => {
        const chosen = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
        preferences.push({ ...preferences.value(), ...chosen })
        return Promise.resolve(preferences.value())
      },
      watchRoles: noStream,
      saveRole: noCall,
      resetRole: noCall,
      disk: noCall,
      checkStorage: noCall,
      acknowledgeDamage: noCall,
      retentionDue: noCall,
      applyRetention: noCall,
      fileStore: noCall,
      saveFileStore: noCall,
      dryRunServer: noCall,
      kubeContexts: noCall,
      saveDryRunServer: noCall,
      watchGateway: noStream,
      saveGateway: noCall,
      gatewayToken: noCall,
      diagnostics: noCall,
    },
    deliberation: {
      submit: noCall,
      estimate: noCall,
      text: noCall,
      prompt: noCall,
      cancel: noCall,
      retry: noCall,
      recordOutcome: noCall,
      setArchived: noCall,
      dismiss: noCall,
      weighRemoval: noCall,
      remove: noCall,
      export: noCall,
      get: noCall,
      watchNewest: noStream,
      watchList: noStream,
      listRows: noCall,
      find: noCall,
      listTerms: noCall,
      previewBulk: noCall,
      startBulk: noCall,
      stopBulk: noCall,
      watchBulk: noStream,
      watch: noStream,
      watchLive: noStream,
    },
    key: { watch: noStream, create: noCall, revoke: noCall },
    council: { watch: noStream, create: noCall, change: noCall, remove: noCall },
    template: { watch: noStream, create: noCall, change: noCall, hide: noCall, remove: noCall },
    policy: {
      watch: noStream,
      save: noCall,
      reset: noCall,
      faultOf: noCall,
      test: noCall,
    },
    model: {
      watch: noStream,
      download: noCall,
      cancelDownload: noCall,
      remove: noCall,
      importFile: noCall,
      testEndpoint: noCall,
      saveEndpoint: noCall,
      removeEndpoint: noCall,
      setPrice: noCall,
    },
  }
}
