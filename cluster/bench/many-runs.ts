import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openCluster } from '../../e2e/servers/cluster.ts'
import type { Cluster } from '../../e2e/servers/cluster.ts'
import { startNatsServer } from '../../e2e/servers/nats.ts'
import { startScriptedEndpoint } from '../../e2e/servers/scripted-endpoint.ts'
import { deliberationEvent } from '../messages/deliberation-events.ts'
import { callKey } from '../messages/work.ts'
import type { Figure } from './report.ts'

const RUNS = 50
const AGENTS = 10
const WORKERS = 3
const WAVES = 6
/** Until then code is compiled and buffers find their size. */
const WARM_WAVES = 2

/** Many deliberations at once over NATS, by a controller and workers in processes of their own; what the workers call is scripted. */
export async function benchManyRuns(): Promise<readonly Figure[]> {
  const nats = await startNatsServer()
  const endpoint = await startScriptedEndpoint()
  const cluster = await openCluster({ natsUrl: nats.url, endpointUrl: endpoint.baseUrl })
  try {
    const workers = Array.from({ length: WORKERS }, () => cluster.startWorker({ MAX_RUNNING_AGENTS: '64' }))
    const [controller, ...others] = await Promise.all([cluster.startController(), ...workers])
    const seen = watch(cluster)
    const sizes: { controller: number; worker: number }[] = []
    for (let wave = 1; wave <= WAVES; wave++) {
      const wanted = { num_agents: AGENTS, rounds: 0, options: { peer_scoring: false } }
      await Promise.all(Array.from({ length: RUNS }, () => cluster.submit(wanted)))
      await seen.ended(wave * RUNS)
      sizes.push({
        controller: await megabytes(controller.pid),
        worker: Math.max(...(await Promise.all(others.map(({ pid }) => megabytes(pid))))),
      })
    }
    const { answers, doubled } = seen.counts()
    const expected = WAVES * RUNS * AGENTS
    return [
      {
        bench: 'bus',
        metric: `${RUNS} runs × ${AGENTS} agents at once: first-round answers stored a wave, mean of ${WAVES}`,
        value: answers / WAVES,
        unit: 'answers',
        bar: `= ${RUNS * AGENTS}`,
        ok: answers === expected,
      },
      { bench: 'bus', metric: 'answers stored twice', value: doubled, unit: 'answers', bar: '= 0', ok: doubled === 0 },
      memory(
        'controller',
        sizes.map((size) => size.controller),
      ),
      memory(
        'largest worker',
        sizes.map((size) => size.worker),
      ),
    ]
  } finally {
    await cluster.close()
    await endpoint.stop()
    await nats.stop()
  }
}

function memory(who: string, sizes: readonly number[]): Figure {
  const value = sizes.at(-1) ?? Number.NaN
  const baseline = sizes[WARM_WAVES - 1] ?? Number.NaN
  return {
    bench: 'bus',
    metric: `memory of the ${who} after ${WAVES} waves, against after ${WARM_WAVES}`,
    value,
    unit: 'MB',
    baseline,
    ratio: value / baseline,
    bar: '≤ 1.25 ×',
    ok: value / baseline <= 1.25,
  }
}

/** Counts what the log gets. */
function watch({ context }: Cluster) {
  const answers = new Set<string>()
  let doubled = 0
  let ends = 0
  let changed: () => void = () => undefined
  const follow = async () => {
    for await (const entry of context.log.follow(0, new AbortController().signal))
      for (const raw of entry.events) {
        const event = deliberationEvent.parse(raw)
        if (event.type === 'deliberation.ended') ends += 1
        if (event.type === 'deliberation.answered') {
          const key = `${entry.subject}.${callKey(event.data)}`
          if (answers.has(key)) doubled += 1
          answers.add(key)
        }
        changed()
      }
  }
  // Ends with the context.
  follow().catch(() => undefined)
  return {
    counts: () => ({ answers: answers.size, doubled }),
    ended: (count: number) =>
      new Promise<void>((resolve) => {
        changed = () => {
          if (ends >= count) resolve()
        }
        changed()
      }),
  }
}

async function megabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout) / 1024
}
