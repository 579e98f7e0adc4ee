import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats.ws'
import type { NatsConnection } from 'nats.ws'
import { openNatsContext } from '../../cluster/adapters/nats/context.ts'
import type { NatsContext } from '../../cluster/adapters/nats/context.ts'
import { deliberationEvent, deliberationSubject } from '../../cluster/messages/deliberation-events.ts'
import type { DeliberationEvent } from '../../cluster/messages/deliberation-events.ts'
import type { SubmitDeliberation } from '../../cluster/messages/deliberation.ts'
import { callKey } from '../../cluster/messages/work.ts'
import { startClusterProcess } from './cluster-process.ts'
import type { ClusterProcess } from './cluster-process.ts'
import { SCRIPTED_MODEL } from './scripted-endpoint.ts'

/** One installation on a NATS server that others may use too: its processes, and what a test sees of it from outside. */
export interface Cluster {
  readonly prefix: string
  /** The ports, as another process of the installation has them. */
  readonly context: NatsContext
  readonly connection: NatsConnection
  startController(env?: Readonly<Record<string, string>>): Promise<ClusterProcess>
  /** `natsUrl`: another way to the server than the one the cluster was opened with. */
  startWorker(env?: Readonly<Record<string, string>>, natsUrl?: string): Promise<ClusterProcess>
  /** What the controller answers to a command; asked again while there is none. */
  command(verb: string, input: unknown, id?: string): Promise<unknown>
  /** The id of a run that was let in. */
  submit(run: Partial<SubmitDeliberation>): Promise<string>
  events(taskId: string): Promise<readonly DeliberationEvent[]>
  /** How often each subject under `deliberation.` was stored: `completed`, `failed`, `dead-letter`. */
  notices(): Promise<Readonly<Record<string, number>>>
  /** Resolves to the run's events when it has ended. */
  ended(taskId: string, withinMs?: number): Promise<readonly DeliberationEvent[]>
  /** Kills what was started here and still runs, and leaves the server. */
  close(): Promise<void>
}

interface ClusterOptions {
  readonly natsUrl: string
  readonly endpointUrl: string
  readonly model?: string
  /** How long a message stays with a process that was killed. The first to open an installation decides it. */
  readonly ackWaitMs?: number
}

const ASK_FOR_MS = 30_000

export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { natsUrl, endpointUrl, model = SCRIPTED_MODEL, ackWaitMs = 30_000 } = options
  const prefix = `c-${randomUUID().slice(0, 8)}`
  const context = await openNatsContext({
    servers: [natsUrl],
    prefix,
    ackWaitMs,
    patienceMs: 40_000,
    onProblem: () => undefined,
  })
  const connection = await connect({ servers: [natsUrl], maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  // Where processes that are killed leave what they else tidy up.
  const scratch = await mkdtemp(join(tmpdir(), 'signalbox-cluster-'))
  const started: ClusterProcess[] = []

  async function start(entry: 'controller' | 'worker', env: Readonly<Record<string, string>>, url = natsUrl) {
    const process = await startClusterProcess(entry, {
      NATS_URL: url,
      NATS_PREFIX: prefix,
      VLLM_URL: endpointUrl,
      VLLM_MODEL: model,
      TMPDIR: scratch,
      ...env,
    })
    started.push(process)
    return process
  }

  async function command(verb: string, input: unknown, id: string = randomUUID()): Promise<unknown> {
    const until = Date.now() + ASK_FOR_MS
    for (;;) {
      try {
        const question = JSON.stringify({ command_id: id, input })
        return (await connection.request(`${prefix}.signalbox.cmd.deliberation.${verb}`, question, { timeout: 5_000 })).json()
      } catch (error) {
        if (Date.now() > until) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  async function events(taskId: string): Promise<readonly DeliberationEvent[]> {
    const entries = await context.log.readSubject(deliberationSubject(taskId))
    return entries.flatMap((entry) => entry.events.map((event) => deliberationEvent.parse(event)))
  }

  return {
    prefix,
    context,
    connection,
    startController: (env = {}) => start('controller', env),
    startWorker: (env = {}, url = natsUrl) => start('worker', env, url),
    command,
    submit: async (run) => {
      const model_ = { engine_id: 'vllm', model }
      const reply = await command('submit', { task: 'Design a retry policy.', role: 'DEV', model: model_, ...run })
      const { ok } = reply as { ok?: { task_id: string } }
      if (!ok) throw new Error(`The run was refused: ${JSON.stringify(reply)}`)
      return ok.task_id
    },
    events,
    notices: async () => {
      const jsm = await connection.jetstreamManager()
      const { state } = await jsm.streams.info(`${prefix}_DELIBERATIONS`, { subjects_filter: '>' })
      const root = `${prefix}.deliberation.`
      return Object.fromEntries(
        Object.entries(state.subjects ?? {}).map(([subject, count]) => [subject.slice(root.length), count]),
      )
    },
    ended: async (taskId, withinMs = 60_000) => {
      for (const until = Date.now() + withinMs; ;) {
        const all = await events(taskId)
        if (all.some((event) => event.type === 'deliberation.ended')) return all
        if (Date.now() > until)
          throw new Error(
            `The run did not end within ${withinMs} ms: ${JSON.stringify(summaryOf(all))}; ${started.map((one) => one.output()).join('')}`,
          )
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    close: async () => {
      await Promise.all(started.map((process) => process.kill()))
      await connection.close()
      await context.close()
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

/** What became of a run, in short: how it ended, how often, and which calls were counted, each as often as it was. */
export function summaryOf(events: readonly DeliberationEvent[]) {
  const ends = events.flatMap((event) => (event.type === 'deliberation.ended' ? [event.data] : []))
  const calls = events.flatMap((event) =>
    event.type === 'deliberation.answered' || event.type === 'deliberation.call_failed' ? [callKey(event.data)] : [],
  )
  return {
    ends: ends.map(({ status }) => status),
    partial: ends[0]?.partial,
    calls: calls.length,
    distinct: new Set(calls).size,
    failed: events.filter((event) => event.type === 'deliberation.call_failed').length,
  }
}
