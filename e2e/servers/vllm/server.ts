import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../free-ports.ts'

/** A vLLM server on loopback: its CPU build, with the starter model. */
export interface VllmServer {
  readonly baseUrl: string
  readonly model: string
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
  /** Asks it to stop, and ends it where it does not within a while. */
  stop(): Promise<void>
}

const VERSION = '0.32.0'
const MODEL = 'smollm2-135m'
const READY_MS = 900_000
const STOP_MS = 20_000

/** Starts the server and waits until it is healthy. Rejects with the end of what it wrote if it ends before, or takes too long. */
export async function startVllm(): Promise<VllmServer> {
  const cache =
    process.env['SIGNALBOX_CACHE_DIR'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'signalbox')
  const home = process.env['SIGNALBOX_VLLM'] ?? join(cache, 'vllm', VERSION)
  if (!existsSync(join(home, 'complete')))
    throw new Error(`There is no vLLM in ${home}: "npm run vllm" and "npm test" install it.`)
  const [port = 0] = await freePorts(1)
  const scratch = await makeScratch(join(home, 'compiled'))
  const child = spawn(join(home, 'bin', 'python'), commandLine(join(home, 'model'), port), {
    // Its engine is a process of its own; both are in one group, so that both end.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TMPDIR: scratch,
      HF_HUB_OFFLINE: '1',
      VLLM_NO_USAGE_STATS: '1',
      VLLM_CPU_KVCACHE_SPACE: '1',
      // Its own limits on how long its engine may be silent are for machines that have nothing else to do.
      VLLM_ENGINE_READY_TIMEOUT_S: String(READY_MS / 1000),
      VLLM_RPC_TIMEOUT: '600000',
    },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const endAll = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }
  process.once('exit', endAll)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => (output = (output + part.toString()).slice(-6000)))

  const kill = async () => {
    endAll()
    await ended
    process.off('exit', endAll)
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 })
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await Promise.race([ended, delay(STOP_MS, undefined, { ref: false })])
    await kill()
  }
  const until = Date.now() + READY_MS
  while (!(await isHealthy(port))) {
    const why = hasEnded(child) ? 'ended at once' : Date.now() > until ? `was not ready within ${READY_MS / 1000} s` : undefined
    if (why !== undefined) {
      await stop()
      throw new Error(`vLLM ${why}: ${output}`)
    }
    await delay(250)
  }
  return { baseUrl: `http://127.0.0.1:${port}/v1`, model: MODEL, kill, stop }
}

/** A folder for its sockets and what it compiles; the latter is kept in `compiled`, which saves the next start half a minute. */
async function makeScratch(compiled: string): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'signalbox-vllm-'))
  await mkdir(compiled, { recursive: true })
  await symlink(compiled, join(scratch, `torchinductor_${userInfo().username}`))
  return scratch
}

function commandLine(modelFolder: string, port: number): string[] {
  return [
    ...['-m', 'vllm.entrypoints.cli.main', 'serve', modelFolder, '--served-model-name', MODEL],
    ...['--host', '127.0.0.1', '--port', String(port), '--max-model-len', '4096', '--max-num-seqs', '8'],
    '--enforce-eager',
    // A model this small else writes line breaks between two values until its tokens are used up.
    ...['--structured-outputs-config', '{"backend":"xgrammar","disable_any_whitespace":true}'],
  ]
}

function hasEnded(child: { exitCode: number | null; signalCode: string | null }): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok
  } catch {
    return false
  }
}
