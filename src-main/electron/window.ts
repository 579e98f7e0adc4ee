import { join } from 'node:path'
import { type App, BrowserWindow, type Session, shell } from 'electron'
import type { Logger } from 'pino'
import { shellMessages } from '../../src-preload/electron-messages.ts'
import { mayOpenOutside } from './links.ts'
import { pageOrigin } from './protocol.ts'
import { readWindowState, writeWindowState } from './window-state.ts'

const grantedPermissions = ['notifications', 'clipboard-sanitized-write']
const reloadAfterCrashMs = 1_000

/** The rules for everything that shows a web page in this app, whoever opened it. */
export function secureContents(app: App, log: Logger): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-frame-navigate', (event) => {
      if (isPage(event.url) && event.isMainFrame) return
      event.preventDefault()
      log.warn({ url: event.url }, 'window: navigation refused')
    })
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenOutside(url)) void shell.openExternal(url)
      else log.warn({ url }, 'window: link refused')
      return { action: 'deny' }
    })
  })
}

/** Lets the page notify and copy; refuses everything else that a page can ask for. */
export function securePermissions(session: Session, log: Logger): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) => {
    const isGranted = grantedPermissions.includes(permission) && isPage(requestingUrl)
    if (!isGranted) log.warn({ permission, url: requestingUrl }, 'window: permission refused')
    answer(isGranted)
  })
  session.setPermissionCheckHandler((_contents, permission, origin) => grantedPermissions.includes(permission) && isPage(origin))
  session.setDevicePermissionHandler(() => false)
}

export interface MainWindow {
  /** Brings the window to the front and, where given, shows this path of the page. */
  show(path?: string): void
}

/** Opens the one window, at `path` of the page. */
export function openWindow(options: { appDir: string; stateFile: string; path: string; log: Logger }): MainWindow {
  const { appDir, stateFile, path, log } = options
  const { width, height, maximized } = readWindowState(stateFile)
  const window = new BrowserWindow({
    width,
    height,
    minWidth: 960,
    minHeight: 600,
    show: false,
    title: 'Signalbox',
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(appDir, 'out', 'preload', 'electron-preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      // The dictionaries would come from the network.
      spellcheck: false,
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => writeWindowState(stateFile, { ...sizeOf(window), maximized: window.isMaximized() }))

  const { webContents } = window
  webContents.on('render-process-gone', (_event, { reason }) => {
    log.error({ reason }, 'window: the page crashed, it is loaded again')
    setTimeout(() => window.isDestroyed() || webContents.reload(), reloadAfterCrashMs)
  })
  const load = (shown: string) => {
    window.loadURL(pageOrigin + shown).catch((error: unknown) => log.error({ err: error }, 'window: the page did not load'))
  }
  load(path)

  return {
    show: (shown) => {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      if (shown === undefined) return
      if (webContents.isLoadingMainFrame()) load(shown)
      else webContents.send(shellMessages.show, shown)
    },
  }
}

function sizeOf(window: BrowserWindow): { width: number; height: number } {
  const { width, height } = window.getNormalBounds()
  return { width, height }
}

function isPage(url: string): boolean {
  return url === pageOrigin || url.startsWith(`${pageOrigin}/`)
}
