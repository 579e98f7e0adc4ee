import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { createChecks } from '../adapters/checks/suite.ts'
import { createMemoryBlobs } from '../adapters/memory/blobs.ts'
import { createScriptedEngines, type Script } from '../adapters/memory/engines.ts'
import { createMemoryEventLog } from '../adapters/memory/event-log.ts'
import { sampleOf } from '../adapters/memory/json-sample.ts'
import { createMemoryLiveChannel } from '../adapters/memory/live-channel.ts'
import { createMemoryAnswers, createMemoryWorkQueue } from '../adapters/memory/queues.ts'
import { createMemorySmallState } from '../adapters/memory/small-state.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createCommands } from '../app/commands/table.ts'
import { createControlPlane, type PlanePorts } from '../app/control-plane.ts'
import { createRetention } from '../app/retention.ts'
import { createLargeAnswers } from '../app/texts/large-answers.ts'
import { runWorker } from '../app/worker/worker.ts'
import { submitDeliberation } from '../messages/deliberation.ts'
import type { LiveChannel } from '../ports/live-channel.ts'
import { exportRun } from '../read-models/deliberations/export.ts'
import { openEmbeddedReadModels } from './embedded-read-models.ts'
import { openMetrics } from './metrics.ts'
import { readShipped } from './shipped.ts'

/** A plane over memory adapters and real read models, with an engine that answers by script: for specs of what stands on a plane. */
export type PlaneUnderTest = Awaited<ReturnType<typeof openPlaneUnderTest>>

const RESOURCES_DIR = fileURLToPath(new URL('../../resources', import.meta.url))

type StoredPorts = Pick<PlanePorts, 'log' | 'work' | 'answers' | 'state' | 'blobs'> & { readonly live: LiveChannel }

/** JSON where a form is asked for, else a sentence. */
export const plainScript: Script = (call) =>
  call.format ? JSON.stringify(sampleOf(call.format.schema, call.seed)) : `Proposal ${call.seed}: retry with jitter.`

/** `over`: ports in the place of those in memory. */
export async function openPlaneUnderTest(script: Script = plainScript, over: Partial<StoredPorts> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'plane-'))
  const faults: unknown[] = []
  const onFault = (fault: unknown) => void faults.push(fault)
  const ports = {
    log: createMemoryEventLog(),
    work: createMemoryWorkQueue(),
    answers: createMemoryAnswers(),
    state: createMemorySmallState(),
    blobs: createMemoryBlobs(),
    live: createMemoryLiveChannel(),
    ...over,
    engines: createScriptedEngines(script),
    checks: createChecks(new URL('../adapters/checks/thread-main.ts', import.meta.url), RESOURCES_DIR),
    ...(await readShipped(RESOURCES_DIR)),
    maxRuns: 200,
    onFault,
  }
  const stopping = new AbortController()
  const metrics = openMetrics(ports.log, onFault)
  const model = await openEmbeddedReadModels({ file: join(folder, 'read-models.db'), log: ports.log, onFault })
  const commands = await createControlPlane({
    ...ports,
    log: metrics.log,
    onDuplicateAnswer: metrics.onDuplicateAnswer,
    answerSizes: (reference) => model.runs.queries().answerSizes(reference),
  })
  const worker = runWorker(
    { ...ports, answers: createLargeAnswers(ports), jitter: () => 0 },
    { slots: 8, leaseMs: 2000, graceMs: 0, onFault },
    stopping.signal,
  )
  const reads = {
    queries: model.runs.queries,
    runsChanged: model.runs.onChanged,
    caughtUp: async () => await model.caughtUpWith(await ports.log.lastSequence()),
  }
  metrics.show(commands, model.runs.queries)
  const retention = await createRetention({
    ...ports,
    clock: systemClock,
    commands,
    batches: { expire: () => Promise.reject(new Error('This plane has no batches.')) },
    endedBefore: (at) => ({ runs: reads.queries().endedBefore(at), batches: [] }),
  })
  return {
    ...ports,
    ...reads,
    metrics: metrics.read,
    commands,
    retention,
    batchViews: model.batches,
    dispatch: createCommands({ ...ports, plane: commands, reads, exportRun }),
    /** What nobody expected, so far. */
    faults: faults as readonly unknown[],
    async stop() {
      stopping.abort()
      await Promise.all([commands.stop(), worker])
      await ports.checks.stop()
      await model.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Submits a small run and resolves to its id once it is completed. */
export async function completedRun({ commands, queries }: Pick<PlaneUnderTest, 'commands' | 'queries'>): Promise<string> {
  const run = submitDeliberation.parse({ task: 'Design a retry policy.', role: 'DEV', num_agents: 2, rounds: 1 })
  const submitted = await commands.submit('command-1', 'spec', run)
  const taskId = submitted.kind === 'accepted' ? submitted.taskId : expect.unreachable(submitted.message)
  await expect.poll(() => queries().row(taskId, Date.now())?.status).toBe('COMPLETED')
  return taskId
}
