import { openCluster } from '../../e2e/servers/cluster.ts'
import type { Cluster } from '../../e2e/servers/cluster.ts'
import { startNatsServer } from '../../e2e/servers/nats.ts'
import { startScriptedEndpoint } from '../../e2e/servers/scripted-endpoint.ts'
import { deliberationEvent } from '../messages/deliberation-events.ts'
import { callKey } from '../messages/work.ts'
import { measurable, openMemory, type HeldMemory } from './process-memory.ts'
import type { Figure } from './report.ts'

const RUNS = 50
const AGENTS = 10
const WORKERS = 3
const WAVES = 12
/** Until then code is compiled and buffers find their size. */
const WARM_WAVES = 2
/** What is kept of each run must not grow with their number: 50 kB a wave would. */
const HEAP_BAR = 1.05
const RESIDENT_BAR = 1.25

/** Many deliberations at once over NATS, by a controller and workers in processes of their own; what the workers call is scripted. */
export async function benchManyRuns(): Promise<readonly Figure[]> {
  const nats = await startNatsServer()
  const endpoint = await startScriptedEndpoint()
  const cluster = await openCluster({ natsUrl: nats.url, endpointUrl: endpoint.baseUrl })
  try {
    const workers = Array.from({ length: WORKERS }, () => cluster.startWorker({ MAX_RUNNING_AGENTS: '64', ...measurable }))
    const [controller, ...others] = await Promise.all([cluster.startController(measurable), ...workers])
    const controllerMemory = await openMemory(controller)
    const workerMemories = await Promise.all(others.map(openMemory))
    const seen = watch(cluster)
    const held: { controller: HeldMemory; workers: readonly HeldMemory[] }[] = []
    for (let wave = 1; wave <= WAVES; wave++) {
      const wanted = { num_agents: AGENTS, rounds: 0, options: { peer_scoring: false } }
      await Promise.all(Array.from({ length: RUNS }, () => cluster.submit(wanted)))
      await seen.ended(wave * RUNS)
      held.push({ controller: await controllerMemory(), workers: await Promise.all(workerMemories.map((held) => held())) })
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
      ...memory(
        'controller',
        held.map(({ controller }) => controller),
      ),
      ...memory(
        'largest worker',
        held.map(({ workers }) => ({ heap: most(workers, 'heap'), resident: most(workers, 'resident') })),
      ),
    ]
  } finally {
    await cluster.close()
    await endpoint.stop()
    await nats.stop()
  }
}

/**
 * Measured after a collection: what a process takes between two of them says how lazily its heap is collected, not what it keeps. The
 * young generation alone grows up to 128 MB while there is room in the machine, and stays there.
 */
function memory(who: string, waves: readonly HeldMemory[]): Figure[] {
  const grown = (what: keyof HeldMemory, words: string, bar: number): Figure => {
    const value = waves.at(-1)?.[what] ?? Number.NaN
    const baseline = waves[WARM_WAVES - 1]?.[what] ?? Number.NaN
    return {
      bench: 'bus',
      metric: `${words} of the ${who} after a collection, after ${WAVES} waves against after ${WARM_WAVES}`,
      value,
      unit: 'MB',
      baseline,
      ratio: value / baseline,
      bar: `≤ ${bar} ×`,
      ok: value / baseline <= bar,
    }
  }
  return [grown('heap', 'objects', HEAP_BAR), grown('resident', 'memory', RESIDENT_BAR)]
}

function most(held: readonly HeldMemory[], what: keyof HeldMemory): number {
  return Math.max(...held.map((each) => each[what]))
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
