import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createChecks } from '../adapters/checks/suite.ts'
import { createManifestServer } from '../adapters/kubernetes/manifest-server.ts'
import { openNatsContext } from '../adapters/nats/context.ts'
import { serveCommands } from '../adapters/nats/commands.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createCommands } from '../app/commands/table.ts'
import { createControlPlane } from '../app/control-plane.ts'
import { exportRun } from '../read-models/deliberations/export.ts'
import { readControllerSettings } from './cluster-settings.ts'
import { openEmbeddedReadModels } from './embedded-read-models.ts'
import { openEndpointEngines } from './endpoint-engines.ts'
import { asked, FIRST_PATIENCE_MS, runProcess } from './process.ts'
import { readShipped } from './shipped.ts'

/**
 * The control plane of a cluster: takes commands over NATS, publishes work to JetStream and collects the answers; it calls no model.
 * Configured by the environment, see cluster-settings.ts.
 */
const RESOURCES_DIR = fileURLToPath(new URL('../../resources', import.meta.url))

await runProcess('controller', readControllerSettings, async ({ settings, log, stopping, onFault }) => {
  const context = await openNatsContext({ ...settings.nats, firstPatienceMs: FIRST_PATIENCE_MS, onProblem: onFault })
  for (const difference of context.differences) log.warn({ difference }, 'NATS is set up otherwise than expected')
  const { dryRunContext, kubeconfigs } = settings
  const server =
    dryRunContext === undefined
      ? null
      : createManifestServer({ kubeconfig: null, kubeconfigs, context: dryRunContext, namespace: null })
  const checks = createChecks(new URL('../adapters/checks/thread-main.ts', import.meta.url), RESOURCES_DIR, () =>
    Promise.resolve(server),
  )
  const readModels = await mkdtemp(join(tmpdir(), 'signalbox-read-models-'))
  const model = await openEmbeddedReadModels({ file: join(readModels, 'read-models.db'), log: context.log, onFault })
  const plane = await createControlPlane({
    ...context,
    ...(await readShipped(RESOURCES_DIR)),
    engines: openEndpointEngines(settings.endpoint),
    checks,
    answerSizes: (reference) => model.runs.queries().answerSizes(reference),
    maxRuns: settings.maxQueuedRuns,
    onFault,
  })
  const caughtUp = async () => await model.caughtUpWith(await context.log.lastSequence())
  const reads = { queries: model.runs.queries, runsChanged: model.runs.onChanged, caughtUp }
  const dispatch = createCommands({ plane, reads, exportRun, state: context.state, clock: systemClock, onFault })
  const stopServing = serveCommands(context.service, dispatch)
  log.info({ nats: settings.nats.servers, endpoint: settings.endpoint.baseUrl, models: settings.endpoint.models }, 'ready')
  await asked(stopping)
  await stopServing()
  await plane.stop()
  await checks.stop()
  await model.close()
  await rm(readModels, { recursive: true })
  await context.close()
  return 0
})
