import { readFile } from 'node:fs/promises'
import { arch, platform, release } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedPlane, type EmbeddedPlane } from '../../cluster/entries/embedded.ts'
import type { Handlers } from '../../src-preload/contract/define.ts'
import { consoleContract, type ConsoleContract } from '../../src-preload/contract/index.ts'
import { logFile } from '../log.ts'
import type { HostConfig } from './config.ts'
import { createLiveHub } from './feeds/live-hub.ts'
import { runCounts } from './feeds/run-counts.ts'
import { createRunUpdates } from './feeds/run-updates.ts'
import { keptToken, openHostGateway } from './gateway.ts'
import { batchHandlers } from './handlers/batch.ts'
import { councilHandlers } from './handlers/council.ts'
import { deliberationHandlers } from './handlers/deliberation.ts'
import { keyHandlers } from './handlers/key.ts'
import { modelHandlers } from './handlers/model.ts'
import { policyHandlers } from './handlers/policy.ts'
import { readPreferences, settingsHandlers } from './handlers/settings.ts'
import { systemHandlers } from './handlers/system.ts'
import { templateHandlers } from './handlers/template.ts'
import { refuseWhileReadOnly } from './read-only.ts'
import { keepRetention } from './retention.ts'
import { openUploads } from './uploads.ts'

/** What a shell serves to its pages. */
export interface Host {
  readonly handlers: Handlers<ConsoleContract>
  /** Where the HTTP gateway listens, with its token; null while it is off. */
  readonly gateway: () => Promise<{ readonly url: string; readonly token: string } | null>
  /** Opens pages of a server shell. The same after a restart, so that an open page is live again by itself. */
  readonly pageToken: () => Promise<string>
  /** Stops the plane and its engines; everything accepted is stored. */
  stop(): Promise<void>
}

/** Opens the local plane in the configured data directory. Throws, naming the owner, if another console has it open. */
export async function createHost(config: HostConfig): Promise<Host> {
  const { log } = config
  const plane = await openEmbeddedPlane({
    dataDir: config.settings.dataDir,
    cacheDir: config.settings.cacheDir,
    engineThreads: config.settings.engineThreads,
    resourcesDir: config.resourcesDir,
    sqliteWriter: config.modules.sqliteWriter,
    checkThread: config.modules.checkThread,
    validationThread: config.modules.validationThread,
    forkEngine: config.forkEngine,
    owner: config.shell,
    jobFolders: config.settings.jobFolders,
    kubeconfigs: config.settings.kubeconfigs,
    onFault: (fault) => log.error({ err: fault }, 'fault'),
  })
  const stopping = new AbortController()
  const live = createLiveHub(plane.live)
  const uploads = await openUploads(join(config.settings.dataDir, 'uploads'))
  const gateway = await openHostGateway({
    plane,
    forcedPort: config.gatewayPort,
    serve: {
      dispatch: plane.dispatch,
      watch: createRunUpdates(plane, live),
      metrics: async () => await plane.metrics((await readPreferences(plane)).metric_aliases),
      openAi: {
        upstreams: plane.models.upstreams,
        decisions: plane.decisions,
        batching: { batches: plane.batches, views: { ...plane.batchViews, caughtUp: plane.caughtUp }, jobs: plane.jobs },
        shutDown: config.shutDown,
      },
      version: config.version,
      onRefused: (refusal) => log.warn(refusal, 'gateway: refused'),
      onFault: (fault) => log.error({ err: fault }, 'gateway: a request failed'),
    },
  }).catch(async (fault: unknown) => {
    await plane.stop()
    throw fault
  })
  const settings = settingsHandlers(plane, gateway, () => diagnostics(config, plane))

  const retention = keepRetention(
    plane,
    async () => (await readPreferences(plane)).history_days,
    stopping.signal,
    (fault) => log.error({ err: fault }, 'retention'),
  )

  log.info({ dataDir: config.settings.dataDir, shell: config.shell, version: config.version }, 'host started')
  const handlers: Handlers<ConsoleContract> = {
    system: systemHandlers(plane, live, config),
    batch: batchHandlers(plane, uploads),
    deliberation: deliberationHandlers(plane, live),
    council: councilHandlers(plane),
    template: templateHandlers(plane),
    model: modelHandlers(plane),
    policy: policyHandlers(plane),
    key: keyHandlers(plane),
    settings,
  }
  return {
    handlers: refuseWhileReadOnly(
      consoleContract,
      handlers,
      async () => config.readOnly === true || (await readPreferences(plane)).read_only,
    ),
    async gateway() {
      const { state } = gateway.view()
      return state.kind === 'on' ? { url: state.url, token: await gateway.token() } : null
    },
    pageToken: () => keptToken(plane.secrets, 'page.token'),
    async stop() {
      stopping.abort()
      // First, so that its clients hear that the host stops.
      await gateway.stop()
      await uploads.stop()
      live.stop()
      await retention
      await plane.stop()
      log.info('host stopped')
    },
  }
}

const LOG_LINES = 200

/** What helps to understand a fault, without keys, tokens, tasks or answers. */
async function diagnostics(config: HostConfig, plane: EmbeddedPlane): Promise<{ file_name: string; text: string }> {
  const lines = (await readFile(logFile(config.settings.dataDir), 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LOG_LINES)
  const { catalogue, engines, machine, disk } = await plane.models.view()
  const bundle = {
    made_at: new Date().toISOString(),
    version: config.version,
    shell: config.shell,
    system: {
      platform: platform(),
      release: release(),
      arch: arch(),
      node: process.versions.node,
      electron: 'electron' in process.versions ? process.versions['electron'] : null,
    },
    machine,
    disk,
    log: await plane.logState(),
    storage: await plane.storage.notices(),
    needs: plane.needs(),
    dead_letters: await plane.deadLetterCount(),
    runs: runCounts(plane.queries()),
    preferences: await readPreferences(plane),
    engines: engines.map(({ engine_id, kind, state, detail, parallel, tokens_per_second }) => ({
      engine_id,
      kind,
      state,
      detail,
      parallel,
      tokens_per_second,
    })),
    models: catalogue.map(({ id, state, loaded }) => ({ id, state: state.kind, loaded })),
  }
  return {
    file_name: `signalbox-diagnostics-${bundle.made_at.slice(0, 19).replace(/[:T]/g, '-')}.txt`,
    text: `${JSON.stringify(bundle, null, 2)}\n\nLast lines of the log\n${lines.join('\n')}\n`,
  }
}
