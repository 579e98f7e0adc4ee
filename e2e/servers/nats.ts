import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './free-ports.ts'
import { goBinary } from './go-binary.ts'

export interface NatsServer {
  /** Where clients connect by WebSocket. */
  readonly url: string
  /** Host and port of the same, for a proxy in front of it. */
  readonly webSocketPort: number
  /** Monitoring: `/healthz`, `/varz`, `/jsz`. */
  readonly monitorUrl: string
  pid(): number
  /** Ends the process and waits for it; what is stored stays. */
  halt(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Starts it again on the same ports and store. */
  start(): Promise<void>
  /** Ends the process and removes what it stored. */
  stop(): Promise<void>
}

export interface NatsServerOptions {
  readonly token?: string
  /** Public user keys (`U…`) that may log in. */
  readonly nkeys?: readonly string[]
  readonly maxPayloadBytes?: number
  /** Raw lines for the `jetstream` block. */
  readonly jetstream?: string
}

const VERSION = '2.15.2'
const READY_MS = 10_000
const STOP_MS = 10_000

/** Starts a real nats-server with JetStream on free loopback ports over a store of its own. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const binary = await goBinary('nats-server', 'github.com/nats-io/nats-server/v2', VERSION)
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-nats-'))
  const config = join(directory, 'nats.conf')
  const [clientPort = 0, monitorPort = 0, webSocketPort = 0] = await freePorts(3)
  const ports = { clientPort, monitorPort, webSocketPort }
  await writeFile(config, configText(options, directory, ports))
  const monitorUrl = `http://127.0.0.1:${ports.monitorPort}`
  let running: ChildProcess | undefined
  const killRunning = () => void running?.kill('SIGKILL')
  process.once('exit', killRunning)

  const start = async () => {
    const child = spawn(binary, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    running = child
    let output = ''
    child.stderr.on('data', (text: Buffer) => (output = (output + text.toString()).slice(-4000)))
    const until = Date.now() + READY_MS
    while (!(await isHealthy(monitorUrl))) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`nats-server ended at once: ${output}`)
      if (Date.now() > until) throw new Error(`nats-server was not ready within ${READY_MS} ms: ${output}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const halt = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    const child = running
    running = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    const insist = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(insist)
  }

  await start()
  return {
    url: `ws://127.0.0.1:${ports.webSocketPort}`,
    webSocketPort: ports.webSocketPort,
    monitorUrl,
    pid: () => running?.pid ?? 0,
    halt,
    start,
    stop: async () => {
      await halt()
      process.off('exit', killRunning)
      await rm(directory, { recursive: true })
    },
  }
}

interface Ports {
  readonly clientPort: number
  readonly monitorPort: number
  readonly webSocketPort: number
}

function configText(options: NatsServerOptions, directory: string, ports: Ports): string {
  const users = (options.nkeys ?? []).map((key) => `{ nkey: ${key} }`).join(', ')
  return [
    `listen: "127.0.0.1:${ports.clientPort}"`,
    `http: "127.0.0.1:${ports.monitorPort}"`,
    `websocket { listen: "127.0.0.1:${ports.webSocketPort}", no_tls: true }`,
    `jetstream { store_dir: ${JSON.stringify(join(directory, 'store'))}\n${options.jetstream ?? ''} }`,
    `max_payload: ${options.maxPayloadBytes ?? 2 * 1024 * 1024}`,
    `pid_file: ${JSON.stringify(join(directory, 'nats-server.pid'))}`,
    ...(options.token === undefined ? [] : [`authorization { token: ${JSON.stringify(options.token)} }`]),
    ...(users === '' ? [] : [`authorization { users: [ ${users} ] }`]),
  ].join('\n')
}

async function isHealthy(monitorUrl: string): Promise<boolean> {
  try {
    return (await fetch(`${monitorUrl}/healthz?js-enabled-only=true`)).ok
  } catch {
    return false
  }
}
