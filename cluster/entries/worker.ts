import { openNatsContext } from '../adapters/nats/context.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { UndeliveredAnswer } from '../app/worker/publish-answer.ts'
import { createLargeAnswers } from '../app/texts/large-answers.ts'
import { runWorker } from '../app/worker/worker.ts'
import { readWorkerSettings } from './cluster-settings.ts'
import { openEndpointEngines } from './endpoint-engines.ts'
import { FIRST_PATIENCE_MS, runProcess } from './process.ts'

/**
 * A worker of a cluster: pulls `agent.work.*` from JetStream, calls an OpenAI-compatible endpoint, publishes the answers. Many of them
 * share the work. Configured by the environment, see cluster-settings.ts.
 */
const LEASE_MS = 10_000

await runProcess('worker', readWorkerSettings, async ({ settings, log, stopping, onFault }) => {
  const context = await openNatsContext({ ...settings.nats, firstPatienceMs: FIRST_PATIENCE_MS, onProblem: onFault })
  for (const difference of context.differences) log.warn({ difference }, 'NATS is set up otherwise than expected')
  const ended = new AbortController()
  let undelivered = 0
  log.info({ nats: settings.nats.servers, endpoint: settings.endpoint.baseUrl, models: settings.endpoint.models }, 'ready')
  await runWorker(
    {
      ...context,
      answers: createLargeAnswers({ ...context, clock: systemClock }),
      engines: openEndpointEngines(settings.endpoint),
      clock: systemClock,
      jitter: () => Math.random(),
    },
    {
      slots: settings.endpoint.parallel,
      leaseMs: LEASE_MS,
      graceMs: settings.graceMs,
      onFault: (fault) => {
        onFault(fault)
        if (!(fault instanceof UndeliveredAnswer)) return
        // Whoever watches this process has to learn that an answer got nowhere.
        undelivered += 1
        ended.abort()
      },
    },
    AbortSignal.any([stopping, ended.signal]),
  )
  await context.close()
  return undelivered > 0 ? 1 : 0
})
