import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createJobFolders } from '../adapters/directory/job-folders.ts'
import { createChecks } from '../adapters/checks/suite.ts'
import { lockDirectory } from '../adapters/directory/lock.ts'
import { createDecisionLog } from '../adapters/directory/decision-log.ts'
import { createDirectorySecrets } from '../adapters/directory/secrets.ts'
import { createMemoryLiveChannel } from '../adapters/memory/live-channel.ts'
import { countDecisions } from '../adapters/metrics/decision-counters.ts'
import { countEngineFailures, gaugeDisk } from '../adapters/metrics/machine-figures.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { systemKeyMaker } from '../adapters/system/key-maker.ts'
import { openApiKeys, type ApiKeys } from '../app/api-keys.ts'
import { createPathJobs } from '../app/batch/intake/path-jobs.ts'
import { createCommands } from '../app/commands/table.ts'
import { createControlPlane, type ControlPlane } from '../app/control-plane.ts'
import { createPolicies, type Policies } from '../app/library/policies.ts'
import { createBulk, type Bulk } from '../app/deliberation/bulk.ts'
import { seedCouncils } from '../app/library/councils.ts'
import { createRetention, type Retention } from '../app/retention.ts'
import { createRoles, type Roles } from '../app/library/roles.ts'
import { createLargeAnswers } from '../app/texts/large-answers.ts'
import { runWorker } from '../app/worker/worker.ts'
import type { Batches } from '../ports/batches.ts'
import type { PathJobs } from '../ports/path-jobs.ts'
import type { Dispatch } from '../ports/commands.ts'
import type { DecisionLog } from '../ports/decision-log.ts'
import type { ForkEngine } from '../ports/engine-process.ts'
import type { LiveChannel } from '../ports/live-channel.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { SmallState } from '../ports/small-state.ts'
import { exportRun } from '../read-models/deliberations/export.ts'
import type { DeliberationQueries } from '../read-models/deliberations/queries.ts'
import { diskUse, type DiskUse } from './disk-use.ts'
import { openEmbeddedBatches } from './embedded-batches.ts'
import { createDryRunServerChoice, type DryRunServerChoice } from './dry-run-server.ts'
import { createFileStoreChoice, openFileStore, readFileStore, type FileStoreChoice } from './file-store.ts'
import { openEmbeddedModels, type EmbeddedModels } from './embedded-models.ts'
import { openEmbeddedReadModels, type EmbeddedReadModels } from './embedded-read-models.ts'
import { openMetrics, type Metrics } from './metrics.ts'
import { BATCHES_DAMAGE } from './open-batch-store.ts'
import { openStore, type OpenedStore } from './open-store.ts'
import { readShipped } from './shipped.ts'

export { resultOf } from '../app/commands/result.ts'
export { isCouncilKey } from '../app/library/councils.ts'
export { isTemplateKey } from '../app/library/templates.ts'
export { withWholeTexts } from '../app/texts/whole-texts.ts'
export type { Refusal } from '../app/refusal.ts'
export type { RetentionReport } from '../app/retention.ts'

export interface EmbeddedPlaneOptions {
  readonly dataDir: string
  readonly cacheDir: string
  readonly resourcesDir: string
  readonly engineThreads: number | undefined
  /** Where this build keeps the thread that writes to SQLite. */
  readonly sqliteWriter: URL
  /** Where this build keeps the thread that parses proposals. */
  readonly checkThread: URL
  /** Where this build keeps the thread that reads input files. */
  readonly validationThread: URL
  readonly forkEngine: ForkEngine
  /** Named in the lock file, for whoever finds the directory taken. */
  readonly owner: string
  /** Folders that jobs which name paths may read from and write to; none: there are no such jobs. */
  readonly jobFolders: readonly string[]
  /** The standard kubeconfig files; none: ~/.kube/config. */
  readonly kubeconfigs: readonly string[]
  readonly onFault: (fault: unknown) => void
}

/** The control plane of the Local context, in this process. */
export interface EmbeddedPlane {
  readonly commands: ControlPlane
  /** The same use cases by the names and shapes that travel: what a gateway serves. */
  readonly dispatch: Dispatch
  /** Over the tables that serve now; ask again after every wait. */
  readonly queries: () => DeliberationQueries
  /** Ids of runs whose rows changed. Returns the function that ends it. */
  readonly runsChanged: (listener: (taskIds: Iterable<string>) => void) => () => void
  readonly batches: Batches
  /** Jobs over files of this machine. */
  readonly jobs: PathJobs
  /** Where files of batches are kept. */
  readonly fileStore: FileStoreChoice
  /** The Kubernetes server that dry runs ask. */
  readonly dryRunServer: DryRunServerChoice
  /** Batches as lists and pages show them. */
  readonly batchViews: EmbeddedReadModels['batches']
  /** Resolves when the read models have everything the log holds now. */
  readonly caughtUp: () => Promise<void>
  /** The figures of this process for Prometheus; see Metrics. */
  readonly metrics: Metrics['read']
  readonly logState: EmbeddedReadModels['state']
  readonly live: LiveChannel
  readonly state: SmallState
  readonly secrets: Secrets
  /** Keys of small state that changed. */
  readonly stateChanged: (listener: (key: string) => void) => () => void
  readonly roles: Roles
  readonly policies: Policies
  /** Actions on many runs. */
  readonly bulk: Bulk
  /** Lets go of what ended long enough ago. */
  readonly retention: Retention
  readonly models: EmbeddedModels
  /** Keys of the HTTP API, and who is let in. */
  readonly keys: ApiKeys
  /** What the HTTP API passed on. */
  readonly decisions: DecisionLog
  /** What keeps work from running, in plain words. */
  readonly needs: EmbeddedModels['needs']
  /** Messages taken out of circulation; `commands.deadLetters` has them one by one. */
  readonly deadLetterCount: () => Promise<number>
  readonly disk: () => Promise<DiskUse>
  readonly storage: Pick<OpenedStore, 'notices'> & {
    /** The operator has read the notice with this id. */
    readonly acknowledge: (id: string) => Promise<void>
    /** Everything that is wrong with the log's file; empty for a sound one. Writes wait meanwhile. */
    readonly check: () => Promise<readonly string[]>
  }
  readonly stop: () => Promise<void>
}

/** `max_running_agents`: work items in hand at once; engines queue what they cannot run in parallel. */
const WORKER_SLOTS = 15
/** `max_queued_runs`. */
const MAX_RUNS = 200
const LEASE_MS = 10_000

/** Opens the local plane over a data directory. Throws, naming the owner, if another process has it open. */
export async function openEmbeddedPlane(options: EmbeddedPlaneOptions): Promise<EmbeddedPlane> {
  const { dataDir, onFault } = options
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = await lockDirectory({ directory: dataDir, shell: options.owner, now: systemClock.now() })
  const undo: (() => Promise<void> | void)[] = [() => lock.release()]
  try {
    const shipped = await readShipped(options.resourcesDir)
    const { shippedRoles, shippedPolicies } = shipped
    const readModels = join(dataDir, 'read-models.db')
    const opened = await openStore({
      file: join(dataDir, 'local.db'),
      readModels,
      writerModule: options.sqliteWriter,
      now: () => systemClock.now(),
      onFault,
    })
    const { store } = opened
    undo.push(() => store.close())
    const model = await openEmbeddedReadModels({ file: readModels, log: store.log, onFault })
    undo.push(() => model.close())
    const secrets = createDirectorySecrets(join(dataDir, 'secrets.json'))
    const metrics = openMetrics(store.log, onFault)
    gaugeDisk(metrics.registry, dataDir)
    const onEngineFailure = countEngineFailures(metrics.registry)
    const models = await openEmbeddedModels({ ...options, onEngineFailure, state: store.state, secrets })
    undo.push(() => models.stop())
    const keys = await openApiKeys({ state: store.state, clock: systemClock, keys: systemKeyMaker, onFault })
    undo.push(() => keys.stop())

    const dryRunServer = createDryRunServerChoice(store.state, options.kubeconfigs)
    const checks = createChecks(options.checkThread, options.resourcesDir, dryRunServer.connected)
    undo.push(() => checks.stop())
    await seedCouncils(store.state, shippedRoles)
    const live = createMemoryLiveChannel(onFault)
    const stopping = new AbortController()
    const decisions = countDecisions(
      metrics.registry,
      createDecisionLog({ file: join(dataDir, 'gateway-decisions.jsonl'), onFault }),
    )
    undo.push(() => decisions.stop())
    const commands = await createControlPlane({
      ...store,
      ...shipped,
      log: metrics.log,
      onDuplicateAnswer: metrics.onDuplicateAnswer,
      engines: models.engines,
      checks,
      answerSizes: (reference) => model.runs.queries().answerSizes(reference),
      maxRuns: MAX_RUNS,
      onFault,
    })
    const workers = runWorker(
      {
        ...store,
        answers: createLargeAnswers({ ...store, clock: systemClock }),
        engines: models.engines,
        live,
        clock: systemClock,
        jitter: () => Math.random(),
      },
      { slots: WORKER_SLOTS, leaseMs: LEASE_MS, graceMs: 0, onFault },
      stopping.signal,
    )
    undo.push(async () => {
      stopping.abort()
      await Promise.all([commands.stop(), workers])
    })
    const caughtUp = async () => await model.caughtUpWith(await store.log.lastSequence())
    const reads = { queries: model.runs.queries, runsChanged: model.runs.onChanged, caughtUp }
    metrics.show(commands, model.runs.queries)
    const fileStore = await readFileStore(store.state)
    const batchFiles = await openFileStore({ state: store.state, secrets, directory: join(dataDir, 'batch-files') })
    const { batches, storage: batchStorage } = await openEmbeddedBatches({
      ...options,
      ...store,
      ...models,
      log: metrics.log,
      timed: metrics.timed,
      files: batchFiles,
    })
    metrics.showBatches(batches, model.batches.queries)
    undo.push(() => batches.stop())
    const jobs = await createPathJobs({
      batches,
      views: { ...model.batches, caughtUp },
      state: store.state,
      folders: createJobFolders(options.jobFolders),
      onFault,
    })
    undo.push(() => jobs.stop())
    const endedBefore = (at: number) => ({
      runs: model.runs.queries().endedBefore(at),
      batches: model.batches.queries().endedBefore(at),
    })
    const retention = await createRetention({ ...store, clock: systemClock, commands, batches, endedBefore, onFault })
    const bulk = await createBulk({ ...store, clock: systemClock, commands, onFault })
    undo.push(() => bulk.close())

    return {
      commands,
      dispatch: createCommands({ plane: commands, reads, exportRun, state: store.state, clock: systemClock, onFault }),
      ...reads,
      batches,
      jobs,
      fileStore: createFileStoreChoice({ state: store.state, secrets, inUse: fileStore }),
      dryRunServer,
      batchViews: model.batches,
      metrics: metrics.read,
      logState: model.state,
      live,
      state: store.state,
      secrets,
      stateChanged: watchKeys(store.state, stopping.signal, onFault),
      roles: createRoles(store.state, shippedRoles),
      policies: createPolicies({ state: store.state, checks }, shippedPolicies),
      bulk,
      retention,
      models,
      keys,
      decisions,
      needs: models.needs,
      deadLetterCount: () => store.deadLetterCount(),
      storage: {
        notices: async () => [...(await opened.notices()), ...(await batchStorage.notices())],
        acknowledge: async (id) => {
          await (id === BATCHES_DAMAGE ? batchStorage : opened).acknowledge()
        },
        check: () => store.check(),
      },
      disk: () => diskUse({ dataDir, readModels, log: store, models, batchFiles }),
      stop: () => unwind(undo),
    }
  } catch (fault) {
    await unwind(undo)
    throw fault
  }
}

async function unwind(undo: (() => Promise<void> | void)[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step()
}

function watchKeys(state: SmallState, signal: AbortSignal, onFault: (fault: unknown) => void): EmbeddedPlane['stateChanged'] {
  const listeners = new Set<(key: string) => void>()
  const follow = async (): Promise<void> => {
    for await (const change of state.watch('', signal)) {
      const key = change.kind === 'put' ? change.entry.key : change.key
      for (const listener of listeners) listener(key)
    }
  }
  follow().catch((fault: unknown) => signal.aborted || onFault(fault))
  return (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
}
