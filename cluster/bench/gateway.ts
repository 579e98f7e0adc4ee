import { execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Pool } from 'undici'
import * as z from 'zod'
import { freePorts } from '../../e2e/servers/free-ports.ts'
import { hostOptions } from '../../e2e/servers/host.ts'
import { withFolder } from './batch-plane.ts'
import { median, type Figure } from './report.ts'

const SERVERS = fileURLToPath(new URL('./gateway-servers.ts', import.meta.url))
const CONNECTIONS = 32
const ROUNDS = 5
const ROUND_SECONDS = 3
const FIXED_RATE = 500
const FIXED_SECONDS = 4
const READY_MS = 30_000
const BODY = JSON.stringify({
  model: 'mock',
  messages: [{ role: 'user', content: 'Say something of no importance.' }],
  max_tokens: 32,
})

interface Server {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  stop(): void
}

/** The gateway's pass-through against a bare proxy of the same parts and against Portkey, in front of one mock upstream. */
export function benchGateway(): Promise<readonly Figure[]> {
  return withFolder((folder) => benchIn(folder))
}

async function benchIn(folder: string): Promise<readonly Figure[]> {
  const servers: Server[] = []
  const start = async (...args: readonly string[]): Promise<Server> => {
    const server = await startServer(args)
    servers.push(server)
    return server
  }
  try {
    const tools = await benchTools()
    const mock = await start('mock')
    const bare = await start('bare', mock.url)
    const ours = await start('ours', mock.url, folder)
    const portkey = tools.portkey === undefined ? undefined : await startPortkey(tools.portkey, mock.url)
    if (portkey) servers.push(portkey)
    return [
      ...(await benchRates(tools.autocannon, { bare, ours, portkey }, tools.missing)),
      ...(await benchLatency(mock, bare, ours)),
    ]
  } finally {
    for (const server of servers) server.stop()
  }
}

/** As many requests as each takes from 32 connections, in turn; medians of the rounds. */
async function benchRates(
  autocannon: Load,
  { bare, ours, portkey }: { bare: Server; ours: Server; portkey: Server | undefined },
  missing: string | undefined,
): Promise<Figure[]> {
  const rounds: { bare: number; ours: number; portkey: number }[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const rates = {
      bare: await autocannon(bare),
      ours: await autocannon(ours),
      portkey: portkey ? await autocannon(portkey) : Number.NaN,
    }
    // The first is for warming up.
    if (round >= 0) rounds.push(rates)
  }
  const value = median(rounds.map((round) => round.ours))
  const againstBare = median(rounds.map((round) => round.ours / round.bare))
  const againstPortkey = median(rounds.map((round) => round.ours / round.portkey))
  const rate = { bench: 'gateway', value, unit: 'requests/s' }
  return [
    {
      ...rate,
      metric: `passed on with key and decision record, ${CONNECTIONS} connections, against fastify + undici`,
      baseline: median(rounds.map((round) => round.bare)),
      ratio: againstBare,
      bar: '≥ 0.6 of bare',
      ok: againstBare >= 0.6,
    },
    portkey
      ? {
          ...rate,
          metric: `the same against @portkey-ai/gateway ${PORTKEY}`,
          baseline: median(rounds.map((round) => round.portkey)),
          ratio: againstPortkey,
          bar: '≥ 5 × Portkey',
          ok: againstPortkey >= 5,
        }
      : {
          ...rate,
          metric: `the same against @portkey-ai/gateway ${PORTKEY}, which could not be installed: ${missing ?? ''}`,
          bar: '≥ 5 × Portkey: not measured',
          // What nobody measured is not met.
          ok: false,
        },
  ]
}

/** What the gateway adds to each request at a rate that it takes easily; the bare proxy's own addition, in the same rounds, stands beside it. */
async function benchLatency(mock: Server, bare: Server, ours: Server): Promise<Figure[]> {
  const loads = { direct: openLoad(mock), bare: openLoad(bare), ours: openLoad(ours) }
  const rounds: { readonly [share in 'p50' | 'p99']: { readonly ours: number; readonly bare: number } }[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const direct = await pacedLatencies(loads.direct)
    const past = { bare: await pacedLatencies(loads.bare), ours: await pacedLatencies(loads.ours) }
    const added = (share: number) => ({
      ours: percentile(past.ours, share) - percentile(direct, share),
      bare: percentile(past.bare, share) - percentile(direct, share),
    })
    if (round >= 0) rounds.push({ p50: added(0.5), p99: added(0.99) })
  }
  await Promise.all(Object.values(loads).map(({ pool }) => pool.close()))
  const figure = (share: 'p50' | 'p99', barMs: number): Figure => {
    const value = median(rounds.map((round) => round[share].ours))
    return {
      bench: 'gateway',
      metric: `added at ${FIXED_RATE} requests/s, ${share}, beside what fastify + undici alone add`,
      value,
      unit: 'ms',
      baseline: median(rounds.map((round) => round[share].bare)),
      bar: `≤ ${barMs} ms`,
      ok: value <= barMs,
    }
  }
  return [figure('p50', 0.35), figure('p99', 2)]
}

interface OpenLoad {
  readonly pool: Pool
  readonly headers: Readonly<Record<string, string>>
}

function openLoad({ url, headers }: Server): OpenLoad {
  return { pool: new Pool(url, { connections: CONNECTIONS }), headers: { ...headers, 'content-type': 'application/json' } }
}

/** Milliseconds of each request, sent at their times whether or not the ones before have come back. */
async function pacedLatencies({ pool, headers }: OpenLoad): Promise<number[]> {
  const taken: number[] = []
  const sent: Promise<void>[] = []
  const begun = performance.now()
  const one = async (): Promise<void> => {
    const at = performance.now()
    const answer = await pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body: BODY })
    await answer.body.text()
    taken.push(performance.now() - at)
    if (answer.statusCode !== 200) throw new Error(`The server answered ${answer.statusCode}.`)
  }
  while (sent.length < FIXED_RATE * FIXED_SECONDS) {
    const due = Math.floor(((performance.now() - begun) / 1000) * FIXED_RATE)
    while (sent.length < due) sent.push(one())
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(sent)
  return taken
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

async function startServer(args: readonly string[]): Promise<Server> {
  const child = fork(SERVERS, args, {
    execArgv: args[0] === 'ours' ? [...hostOptions] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const stop = () => void child.kill('SIGKILL')
  process.once('exit', stop)
  const message: unknown = await Promise.race([
    once(child, 'message').then(([told]: unknown[]) => told),
    once(child, 'exit').then(() => Promise.reject(new Error(`The server ${args.join(' ')} ended at once.`))),
  ])
  const { url, key } = z.object({ url: z.string(), key: z.string() }).parse(message)
  return { url, headers: key === '' ? {} : { authorization: `Bearer ${key}` }, stop }
}

async function startPortkey(script: string, upstream: string): Promise<Server> {
  const [port = 0] = await freePorts(1)
  const child = spawn(process.execPath, [script, `--port=${port}`, '--headless'], { stdio: 'ignore' })
  const stop = () => void child.kill('SIGKILL')
  process.once('exit', stop)
  const url = `http://127.0.0.1:${port}`
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstream}/v1`,
    authorization: 'Bearer sk-upstream',
  }
  const until = Date.now() + READY_MS
  for (;;) {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: BODY,
    }).catch(() => undefined)
    if (answer?.ok) return { url, headers, stop }
    if (answer && answer.status !== 503) throw new Error(`Portkey answered ${answer.status}: ${await answer.text()}`)
    if (Date.now() > until) throw new Error(`Portkey did not answer within ${READY_MS / 1000} s.`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Requests per second that a server answers with success. */
type Load = (server: Server) => Promise<number>

const AUTOCANNON = '9.0.0'
const PORTKEY = '1.15.2'
const loadResult = z.object({ requests: z.object({ average: z.number() }), non2xx: z.number(), errors: z.number() })

interface BenchTools {
  readonly autocannon: Load
  readonly portkey: string | undefined
  /** Why there is no Portkey. */
  readonly missing: string | undefined
}

/** The load generator and the other gateway, in the cache: the product needs neither. */
async function benchTools(): Promise<BenchTools> {
  const script = await installed('autocannon', AUTOCANNON, 'autocannon.js')
  const portkey = await installed('@portkey-ai/gateway', PORTKEY, 'build/start-server.js').then(
    (path) => ({ path, missing: undefined }),
    (fault: unknown) => ({ path: undefined, missing: fault instanceof Error ? fault.message.slice(0, 200) : String(fault) }),
  )
  return { autocannon: (server) => fire(script, server), portkey: portkey.path, missing: portkey.missing }
}

async function fire(script: string, { url, headers }: Server): Promise<number> {
  const args = ['--json', '-c', String(CONNECTIONS), '-d', String(ROUND_SECONDS), '-m', 'POST', '-b', BODY]
  const all = { ...headers, 'content-type': 'application/json' }
  for (const [name, value] of Object.entries(all)) args.push('-H', `${name}=${value}`)
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args, `${url}/v1/chat/completions`], {
    maxBuffer: 1e8,
  })
  const { requests, non2xx, errors } = loadResult.parse(JSON.parse(stdout))
  if (non2xx > 0 || errors > 0) throw new Error(`${url} failed ${non2xx + errors} requests of the load.`)
  return requests.average
}

/** The path of a file of a package, which is fetched into the cache once. */
async function installed(name: string, version: string, file: string): Promise<string> {
  const cache =
    process.env['SIGNALBOX_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'signalbox')
  const folder = join(cache, 'bench', `${name.replace('/', '-').replace('@', '')}-${version}`)
  const path = join(folder, 'node_modules', name, file)
  const isThere = () =>
    access(path).then(
      () => true,
      () => false,
    )
  if (await isThere()) return path
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  try {
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], {
      cwd: folder,
    })
  } catch (cause) {
    await rm(folder, { recursive: true, force: true })
    throw new Error(`npm could not install ${name}@${version}.`, { cause })
  }
  if (!(await isThere())) throw new Error(`${name}@${version} has no ${file}.`)
  return path
}
