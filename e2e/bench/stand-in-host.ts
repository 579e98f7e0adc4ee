import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forkEngineByNode } from '../../cluster/adapters/llama/fork-engine.ts'
import { createMemoryLiveChannel } from '../../cluster/adapters/memory/live-channel.ts'
import type { LiveChannel } from '../../cluster/ports/live-channel.ts'
import { readSettings } from '../../src-main/host/config.ts'
import { createLiveHub } from '../../src-main/host/feeds/live-hub.ts'
import { createHost } from '../../src-main/host/host.ts'
import { openLog } from '../../src-main/log.ts'
import { startServer } from '../../src-main/server/server.ts'
import { consoleContract } from '../../src-preload/contract/index.ts'
import { ConsoleError } from '../../src-preload/contract/errors.ts'
import type { Board, BoardUpdate } from '../../src-renderer/features/deliberations/shapes.ts'
import { pushed } from '../../src-renderer/features/deliberations/board/test-stream.ts'

export interface StandInHost {
  /** Opens the console and signs in. */
  readonly link: string
  readonly url: string
  /** What workers would say; it reaches the page as it does in a real host. */
  readonly live: LiveChannel
  /** Tells the pages that show the run. */
  push(taskId: string, update: BoardUpdate): void
  stop(): Promise<void>
}

const LIVE_INTERVAL_MS = 100

/** A real host in an empty data directory, whose deliberations are boards that somebody made up: for measuring what the page does with them. */
export async function startStandInHost(boards: ReadonlyMap<string, Board>): Promise<StandInHost> {
  const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-stand-in-'))
  const settings = readSettings({ SIGNALBOX_LOG_LEVEL: 'warn' }, dataDir)
  const log = openLog(settings)
  const source = (path: string) => new URL(`../../${path}`, import.meta.url)
  const host = await createHost({
    settings,
    shell: 'server',
    version: 'stand-in',
    resourcesDir: fileURLToPath(source('resources')),
    modules: {
      sqliteWriter: source('cluster/adapters/sqlite/writer-thread.ts'),
      checkThread: source('cluster/adapters/checks/thread-main.ts'),
      validationThread: source('cluster/adapters/validation/thread-main.ts'),
    },
    forkEngine: forkEngineByNode(fileURLToPath(source('cluster/adapters/llama/engine-main.ts'))),
    log,
  })
  const live = createMemoryLiveChannel()
  const hub = createLiveHub(live)
  const feeds = new Map([...boards].map(([taskId, board]) => [taskId, pushed<BoardUpdate>({ type: 'snapshot', board })]))
  const feedOf = (taskId: string) => {
    const feed = feeds.get(taskId)
    if (!feed) throw new ConsoleError('not-found', `Nobody made up a run ${taskId}.`)
    return feed
  }
  const token = randomBytes(16).toString('hex')
  const server = await startServer({
    contract: consoleContract,
    handlers: {
      ...host.handlers,
      deliberation: {
        ...host.handlers.deliberation,
        watch: ({ task_id }, signal) => feedOf(task_id).follow(signal),
        watchLive: ({ task_id }, signal) => hub.watch(task_id, LIVE_INTERVAL_MS, signal),
      },
    },
    pageDir: fileURLToPath(source('out/renderer')),
    port: 0,
    token,
    log,
  })
  const url = new URL(server.url).origin
  return {
    link: `${url}/?token=${token}`,
    url,
    live,
    push: (taskId, update) => feedOf(taskId).push(update),
    async stop() {
      await server.stop()
      hub.stop()
      await host.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
