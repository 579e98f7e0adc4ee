import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from './free-ports.ts'

/** The API server of Kubernetes over an etcd of its own, without nodes and controllers. */
export interface KubernetesServer {
  /** Host and port, for a proxy in front of it. */
  readonly port: number
  /** A kubeconfig with the contexts `admin`, `guest` (may do nothing) and `stranger` (a token that nobody knows). */
  readonly kubeconfig: string
  /** Asks the server as its administrator. `body` is sent by POST. */
  ask(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>
  stop(): Promise<void>
}

const VERSION = '1.36.3-3.7.3'
const READY_MS = 60_000
const STOP_MS = 10_000

/** Starts both on free loopback ports and waits until the server is ready. Rejects with the end of what they wrote where they are not. */
export async function startKubernetes(): Promise<KubernetesServer> {
  const cache =
    process.env['SIGNALBOX_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'signalbox')
  const programs = process.env['SIGNALBOX_KUBERNETES'] ?? join(cache, 'kubernetes', VERSION)
  if (!existsSync(programs)) throw new Error(`There is no Kubernetes server in ${programs}: "npm test" builds it.`)
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-kubernetes-'))
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3)
  const children: { readonly child: ChildProcess; output: string }[] = []
  const killAll = () => children.forEach(({ child }) => child.kill('SIGKILL'))
  process.once('exit', killAll)
  const stop = async () => {
    // The server before its store, which it would look for.
    for (const { child } of [...children].reverse()) await end(child)
    process.off('exit', killAll)
    await rm(directory, { recursive: true })
  }
  const start = (name: string, args: readonly string[]) => {
    const child = spawn(join(programs, name), args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const kept = { child, output: '' }
    child.stderr.on('data', (text: Buffer) => (kept.output = (kept.output + text.toString()).slice(-4000)))
    children.push(kept)
  }

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keyFile = join(directory, 'service-accounts.pem')
  await writeFile(keyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }))
  const tokenFile = join(directory, 'tokens.csv')
  await writeFile(tokenFile, 'admin-token,admin,1,system:masters\nguest-token,guest,2\n')
  const etcd = `http://127.0.0.1:${etcdPort}`
  const peer = `http://127.0.0.1:${peerPort}`
  start('etcd', [
    ...['--data-dir', join(directory, 'etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
    ...['--listen-client-urls', etcd, '--advertise-client-urls', etcd],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ])
  start('kube-apiserver', [
    ...['--etcd-servers', etcd, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
    ...['--cert-dir', join(directory, 'certificates'), '--service-cluster-ip-range', '10.0.0.0/24'],
    ...['--authorization-mode', 'RBAC', '--token-auth-file', tokenFile],
    ...['--service-account-issuer', 'https://kubernetes.default.svc', '--api-audiences', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', keyFile, '--service-account-signing-key-file', keyFile],
  ])

  const certificate = join(directory, 'certificates', 'apiserver.crt')
  const ask = async (path: string, body?: unknown) =>
    await asAdministrator(`https://127.0.0.1:${port}${path}`, await readFile(certificate), body)
  const isReady = async () => {
    const reply = await ask('/readyz').catch(() => undefined)
    // The namespace comes a moment after the server says that it is ready.
    return reply?.status === 200 && (await ask('/api/v1/namespaces/default')).status === 200
  }
  const until = Date.now() + READY_MS
  while (!(await isReady())) {
    const ended = children.find(({ child }) => child.exitCode !== null || child.signalCode !== null)
    if (ended || Date.now() > until) {
      const said = (ended ? [ended] : children).map(({ output }) => output).join('\n')
      await stop()
      throw new Error(`The Kubernetes server was not ready within ${READY_MS} ms: ${said}`)
    }
    await delay(50)
  }

  const kubeconfig = join(directory, 'kubeconfig')
  await writeFile(kubeconfig, kubeconfigText(`https://127.0.0.1:${port}`, certificate))
  return { port, kubeconfig, ask, stop }
}

function kubeconfigText(server: string, certificate: string): string {
  const names = ['admin', 'guest', 'stranger']
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': certificate } }],
    users: names.map((name) => ({ name, user: { token: `${name}-token` } })),
    contexts: names.map((name) => ({ name, context: { cluster: 'test', user: name } })),
    'current-context': 'admin',
  })
}

function asAdministrator(url: string, ca: Buffer, body: unknown): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer admin-token', 'content-type': 'application/json' }
    const asking = request(url, { ca, headers, method: body === undefined ? 'GET' : 'POST', agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: valueOf(text) }))
    })
    asking.on('error', reject)
    asking.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(insist)
}
