import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { forkEngineByNode } from '../../cluster/adapters/llama/fork-engine.ts'
import { readInput } from '../../cluster/messages/read-input.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { consoleContract } from '../../src-preload/contract/index.ts'
import { readSettings } from '../host/config.ts'
import { createHost } from '../host/host.ts'
import { openLog } from '../log.ts'
import { startServer } from './server.ts'

const usage = 'Usage: main.ts [--port NUMBER] [--data FOLDER] [--json] [--gateway-port NUMBER] [--read-only]'
const stopLimitMs = 10_000

const options = z.object({
  '--port': z.coerce.number().int().min(0).max(65_535).default(0),
  '--data': z.string().min(1).optional(),
  '--json': z.boolean().default(false),
  '--gateway-port': z.coerce.number().int().min(0).max(65_535).optional(),
  '--read-only': z.boolean().default(false),
})

/** Starts host and server, prints where, and returns what stops them. */
async function start(): Promise<() => Promise<void>> {
  const {
    '--port': port,
    '--data': data,
    '--json': json,
    '--gateway-port': gatewayPort,
    '--read-only': readOnly,
  } = readOptions(process.argv.slice(2))
  const settings = readSettings(undefined, data)
  const log = openLog(settings)
  const source = (path: string) => new URL(`../../${path}`, import.meta.url)
  const host = await createHost({
    settings,
    shell: 'server',
    version: packageJson.version,
    resourcesDir: fileURLToPath(source('resources')),
    modules: {
      sqliteWriter: source('cluster/adapters/sqlite/writer-thread.ts'),
      checkThread: source('cluster/adapters/checks/thread-main.ts'),
      validationThread: source('cluster/adapters/validation/thread-main.ts'),
    },
    forkEngine: forkEngineByNode(fileURLToPath(source('cluster/adapters/llama/engine-main.ts'))),
    gatewayPort,
    readOnly,
    shutDown: () => process.emit('SIGTERM'),
    log,
  })
  try {
    const token = await host.pageToken()
    const pageDir = fileURLToPath(source('out/renderer'))
    const server = await startServer({ contract: consoleContract, handlers: host.handlers, pageDir, port, token, log })
    const url = new URL(server.url).origin
    const gateway = await host.gateway()
    process.stdout.write(
      json
        ? `${JSON.stringify({ url, token, ...(gateway && { gateway }) })}\n`
        : `Signalbox is ready. Open this link in a browser:\n\n  ${url}/?token=${token}\n${gateway ? `\nThe HTTP API is at ${gateway.url}/api/v1; its token is in Settings, Connections.\n` : ''}`,
    )
    return async () => {
      // Pages first, so that they see a lost connection and not the end of their streams.
      await server.stop()
      await host.stop()
    }
  } catch (error) {
    await host.stop()
    throw error
  }
}

function readOptions(args: string[]): z.infer<typeof options> {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'boolean' },
      'gateway-port': { type: 'string' },
      'read-only': { type: 'boolean' },
    },
  })
  const flags = Object.fromEntries(Object.entries(values).map(([name, value]) => [`--${name}`, value]))
  const parsed = readInput(options, flags)
  if (!parsed.success) throw new Error(`${parsed.error.message}\n${usage}`)
  return parsed.data
}

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

// Listened for from the first moment, so that a request to stop during start-up is kept. `disconnect`: whoever started this server
// through an IPC channel wants it gone with himself.
const asked = new Promise<void>((resolve) => {
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => resolve())
})

start()
  .then(async (stop) => {
    await asked
    setTimeout(() => process.exit(1), stopLimitMs).unref()
    await stop()
    process.exit(0)
  })
  .catch(fail)
