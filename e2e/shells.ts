import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { _electron, chromium, type Page, test as base } from '@playwright/test'
import * as z from 'zod'
import { startHost } from './servers/host.ts'

const root = resolve(import.meta.dirname, '..')
// The electron package then finds this one instead of its own.
const { SIGNALBOX_ELECTRON, SIGNALBOX_CHROMIUM = '/usr/bin/chromium' } = process.env
if (SIGNALBOX_ELECTRON && process.platform === 'linux') process.env['ELECTRON_OVERRIDE_DIST_PATH'] = dirname(SIGNALBOX_ELECTRON)
const noSandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []

export type ShellKind = 'electron' | 'chromium'

/** A running shell that shows the console. */
export interface Shell {
  readonly kind: ShellKind
  readonly page: Page
  /** What the page complained about: errors on its console, errors that nobody caught, crashes. */
  readonly faults: string[]
  /** Does what saves a file, and waits until the file is on the disk. Resolves to its path. */
  save(act: () => Promise<unknown>): Promise<string>
  /** The process that runs the host: the server itself, or Electron's utility process. */
  hostPid(): Promise<number>
  /** Every process of the shell itself, its main process first. */
  pids(): Promise<number[]>
  /** Ends the shell as its user would. */
  close(): Promise<void>
}

export interface ShellOptions {
  readonly dataDir: string
  readonly env?: Readonly<Record<string, string>>
}

/** `shell` and its `page`, over a data directory that lasts as long as the journey. */
export const test = base.extend<{ dataDir: string; shell: Shell }>({
  // eslint-disable-next-line no-empty-pattern -- playwright reads the fixtures' names from the pattern
  dataDir: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'signalbox-journey-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  },
  shell: async ({ dataDir }, use, { project }) => {
    const shell = await openShell(z.enum(['electron', 'chromium']).parse(project.name), { dataDir })
    await use(shell)
    await shell.close()
  },
  page: ({ shell }, use) => use(shell.page),
})
export { expect } from '@playwright/test'

/** Opens a shell; a journey that restarts it calls this itself. */
function openShell(kind: ShellKind, options: ShellOptions): Promise<Shell> {
  return kind === 'electron' ? openElectron(options) : openChromium(options)
}

/** Starts the window's shell without a test attached to it. */
export function electronCommand(dataDir: string): { file: string; args: string[] } {
  return { file: String(createRequire(import.meta.url)('electron')), args: [...noSandbox, root, '--data', dataDir] }
}

async function openElectron({ dataDir, env }: ShellOptions): Promise<Shell> {
  // Given the file itself, Playwright would leave out its loader, and now and then miss a window that opens while it attaches.
  const app = await _electron.launch({ args: electronCommand(dataDir).args, env: { ...environment(), ...env } })
  const page = await app.firstWindow()
  return {
    kind: 'electron',
    page,
    faults: faultsOf(page),
    // The window asks its user where to; the system's dialog is the one part that a test cannot press, so it is answered here.
    save: async (act) => {
      const download = await app.evaluateHandle(
        ({ session }, folder) => ({
          saved: new Promise<string>((resolve, reject) => {
            session.defaultSession.once('will-download', (_event, item) => {
              item.setSavePath(`${folder}/${item.getFilename()}`)
              item.once('done', (_done, state) =>
                state === 'completed' ? resolve(item.getSavePath()) : reject(new Error(`The download was ${state}.`)),
              )
            })
          }),
        }),
        dataDir,
      )
      await act()
      return await download.evaluate(({ saved }) => saved)
    },
    hostPid: () =>
      app.evaluate(({ app: electron }) => {
        const host = electron.getAppMetrics().find(({ name }) => name === 'Signalbox host')
        if (!host) throw new Error('There is no host process.')
        return host.pid
      }),
    pids: () => app.evaluate(({ app: electron }) => electron.getAppMetrics().map(({ pid }) => pid)),
    close: () => app.close(),
  }
}

async function openChromium({ dataDir, env }: ShellOptions): Promise<Shell> {
  const host = await startHost(dataDir, env)
  const browser = await chromium.launch({ executablePath: SIGNALBOX_CHROMIUM, args: noSandbox })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const faults = faultsOf(page)
  await page.goto(`${host.url}/?token=${host.token}`)
  return {
    kind: 'chromium',
    page,
    faults,
    save: async (act) => {
      const [download] = await Promise.all([page.waitForEvent('download'), act()])
      const file = join(dataDir, download.suggestedFilename())
      await download.saveAs(file)
      return file
    },
    hostPid: () => Promise.resolve(host.pid),
    pids: () => Promise.resolve([host.pid]),
    close: async () => {
      await browser.close()
      await host.stop()
    },
  }
}

function faultsOf(page: Page): string[] {
  const faults: string[] = []
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('crash', () => faults.push('The page crashed.'))
  return faults
}

function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
