import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { app, ipcMain, MessageChannelMain, type MessagePortMain, session } from 'electron'
import type { Logger } from 'pino'
import { shellMessages } from '../../src-preload/electron-messages.ts'
import { readSettings, type Settings } from '../host/config.ts'
import { openLog } from '../log.ts'
import { checkPageDir } from '../page/page-files.ts'
import { engineProcesses } from './engines.ts'
import { HostSupervisor } from './host-supervisor.ts'
import { linkScheme, pathInArguments, pathOfLink } from './links.ts'
import type { HostArguments } from './process-messages.ts'
import { forkHost } from './processes.ts'
import { declarePageScheme, pageOrigin, servePage } from './protocol.ts'
import { type MainWindow, openWindow, secureContents, securePermissions } from './window.ts'

try {
  start()
} catch (error) {
  // Left uncaught it would become a dialog box, which a script that starts the console cannot answer.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  app.exit(1)
}

function start(): void {
  const { values } = parseArgs({
    strict: false,
    options: { data: { type: 'string' }, 'gateway-port': { type: 'string' }, 'read-only': { type: 'boolean' } },
  })
  const gatewayPort = portOf(values['gateway-port'])
  const settings = readSettings(undefined, typeof values.data === 'string' ? resolve(values.data) : undefined)

  // Beside the data, so that there is one window for each data directory.
  const windowDir = join(settings.dataDir, 'window')
  mkdirSync(windowDir, { recursive: true, mode: 0o700 })
  app.setPath('userData', windowDir)
  // The GPU belongs to the models.
  app.disableHardwareAcceleration()
  declarePageScheme()
  if (app.requestSingleInstanceLock()) run(settings, windowDir, { gatewayPort, readOnly: values['read-only'] === true })
  else app.quit()
}

/** Undefined where the option is absent. Throws where it is no port. */
function portOf(value: string | boolean | undefined): number | undefined {
  if (value === undefined) return undefined
  const port = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN
  if (!(port <= 65_535)) throw new Error('--gateway-port: a port is a number from 0 (any free one) to 65535.')
  return port
}

interface StartOptions {
  readonly gatewayPort: number | undefined
  readonly readOnly: boolean
}

function run(settings: Settings, windowDir: string, { gatewayPort, readOnly }: StartOptions): void {
  const appDir = app.getAppPath()
  const log = openLog(settings)
  process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'window: crashed'))
  let window: MainWindow | undefined
  let path = pathInArguments(process.argv) ?? '/'

  const follow = (wanted: string | undefined) => {
    if (window) window.show(wanted)
    else if (wanted !== undefined) path = wanted
  }
  app.on('second-instance', (_event, args) => follow(pathInArguments(args)))
  app.on('open-url', (event, link) => {
    event.preventDefault()
    follow(pathOfLink(link))
  })
  if (process.defaultApp) app.setAsDefaultProtocolClient(linkScheme, process.execPath, [appDir])
  else app.setAsDefaultProtocolClient(linkScheme)
  secureContents(app, log)

  // Not awaited at the top level: a debugger that starts the app would wait for ever.
  app
    .whenReady()
    .then(async () => {
      const pageDir = join(appDir, 'out', 'renderer')
      await checkPageDir(pageDir)
      servePage(session.defaultSession, pageDir)
      securePermissions(session.defaultSession, log)
      const supervisor = superviseHost(
        {
          app_dir: appDir,
          data_dir: settings.dataDir,
          version: app.getVersion(),
          read_only: readOnly,
          gateway_port: gatewayPort,
        },
        log,
      )
      answerPages(supervisor)
      stopInOrder(supervisor)
      window = openWindow({ appDir, stateFile: join(windowDir, 'window.json'), path, log })
    })
    .catch((error: unknown) => {
      log.fatal({ err: error }, 'window: could not open')
      app.exit(1)
    })
}

function superviseHost(hostArguments: HostArguments, log: Logger): HostSupervisor<MessagePortMain> {
  const engines = engineProcesses(hostArguments.app_dir)
  return new HostSupervisor<MessagePortMain>({
    fork: () => forkHost(hostArguments),
    log,
    onRequest: engines.take,
    onGone: engines.killAll,
  })
}

/** Each page that asks gets a fresh port to the host, or the reason why there is none. */
function answerPages(supervisor: HostSupervisor<MessagePortMain>): void {
  ipcMain.on(shellMessages.portWanted, ({ sender, senderFrame }) => {
    if (senderFrame?.origin !== pageOrigin || senderFrame.parent) return
    const { port1, port2 } = new MessageChannelMain()
    void supervisor.connectPage(port1).then((reason) => {
      if (!sender.isDestroyed()) sender.postMessage(shellMessages.port, reason, reason === null ? [port2] : [])
    })
  })
}

/** Quits only after the host has stored what it accepted. */
function stopInOrder(supervisor: HostSupervisor<MessagePortMain>): void {
  app.on('window-all-closed', () => app.quit())
  app.on('will-quit', (event) => {
    event.preventDefault()
    void supervisor.stop().then(() => app.exit())
  })
}
