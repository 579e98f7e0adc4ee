import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nodePortChannel } from '../../src-preload/channel/message-port.ts'
import { serve } from '../../src-preload/channel/server.ts'
import { consoleContract } from '../../src-preload/contract/index.ts'
import { readSettings } from '../host/config.ts'
import { createHost, type Host } from '../host/host.ts'
import { openLog } from '../log.ts'
import { logReports } from '../log-reports.ts'
import { engineForks } from './engine-fork.ts'
import { type FromHost, hostArguments, toHost } from './process-messages.ts'

const { parentPort } = process
const tell = (message: FromHost) => parentPort.postMessage(message)

const { app_dir, data_dir, version, read_only, gateway_port } = hostArguments.parse(JSON.parse(process.argv[2] ?? ''))
const settings = readSettings(undefined, data_dir)
const log = openLog(settings)
process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'host: crashed'))
const engines = engineForks(parentPort)
const pages = new Set<{ stop(): void }>()

const built = (name: string) => pathToFileURL(join(app_dir, 'out', 'main', `${name}.js`))

const started = createHost({
  settings,
  shell: 'electron',
  version,
  readOnly: read_only,
  gatewayPort: gateway_port,
  resourcesDir: join(app_dir, 'resources'),
  modules: {
    sqliteWriter: built('sqlite-writer'),
    checkThread: built('check-thread'),
    validationThread: built('validation-thread'),
  },
  forkEngine: engines.fork,
  log,
})

async function stop(host: Host): Promise<void> {
  // Pages first, so that they see a lost connection and not the end of their streams.
  pages.forEach((page) => page.stop())
  await host.stop()
  process.exit(0)
}

function servePage(host: Host, channel: ReturnType<typeof nodePortChannel>): void {
  const page = serve(consoleContract, host.handlers, channel, { report: logReports(log) })
  pages.add(page)
  channel.onClose(() => pages.delete(page))
}

parentPort.on('message', ({ data, ports: [port] }) => {
  const message = toHost.parse(data)
  switch (message.type) {
    case 'page':
      if (port)
        void started.then((host) =>
          servePage(
            host,
            nodePortChannel<{ data: unknown }>(port, ({ data }) => data),
          ),
        )
      return
    case 'engine':
    case 'engine-exited':
      return engines.take(message, port)
    case 'stop':
      return void started.then(stop, () => process.exit(1))
  }
})

started.then(
  () => tell({ type: 'ready' }),
  (error: unknown) => {
    log.error({ err: error }, 'host: could not start')
    tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) })
  },
)
