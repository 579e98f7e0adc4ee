import { fileURLToPath } from 'node:url'
import { lintChecks } from '../adapters/checks/lint.ts'
import { openNatsContext } from '../adapters/nats/context.ts'
import { createControlPlane } from '../app/control-plane.ts'
import { readControllerSettings } from './cluster-settings.ts'
import { answerCommand } from './controller-commands.ts'
import { openEndpointEngines } from './endpoint-engines.ts'
import { asked, runProcess } from './process.ts'
import { readShipped } from './shipped.ts'

/**
 * The control plane of a cluster: takes commands over NATS, publishes work to JetStream and collects the answers; it calls no model.
 * Configured by the environment, see cluster-settings.ts.
 */
const RESOURCES_DIR = fileURLToPath(new URL('../../resources', import.meta.url))

await runProcess('controller', readControllerSettings, async ({ settings, log, stopping, onFault }) => {
  const context = await openNatsContext({ ...settings.nats, onProblem: onFault })
  for (const difference of context.differences) log.warn({ difference }, 'NATS is set up otherwise than expected')
  const plane = await createControlPlane({
    ...context,
    ...(await readShipped(RESOURCES_DIR)),
    engines: openEndpointEngines(settings.endpoint),
    checks: lintChecks,
    maxRuns: settings.maxQueuedRuns,
    onFault,
  })
  const stopServing = context.service.serve('signalbox.cmd.deliberation.*', (subject, question) =>
    answerCommand(plane, subject, question),
  )
  log.info({ nats: settings.nats.servers, endpoint: settings.endpoint.baseUrl, models: settings.endpoint.models }, 'ready')
  await asked(stopping)
  await stopServing()
  await plane.stop()
  await context.close()
  return 0
})
