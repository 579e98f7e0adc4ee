import { DiscardPolicy, nanos, RetentionPolicy, StorageType } from 'nats.ws'
import type { StreamConfig } from 'nats.ws'
import { ANSWER_SUBJECTS, DURABLE_SUBJECTS, EVENT_ROOT } from '../../messages/subjects.ts'
import { isNotFound, reasonOf } from './failures.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'

export interface StreamOptions {
  /** Copies of each stream: 1, or 3 in a cluster of servers. */
  readonly replicas: number
  /** Work items that may wait or be in hand; more are refused. */
  readonly workMessages: number
  readonly answerMessages: number
  /** The longest a call may take. Answers are kept for twice as long. */
  readonly longestTimeoutMs: number
}

/** A stream or consumer that is there with other settings than ours. It is used as it is. */
export interface Difference {
  readonly name: string
  readonly setting: string
  readonly expected: unknown
  readonly actual: unknown
}

export interface StreamsFound {
  /** Made just now: nothing was there before. */
  readonly created: ReadonlySet<string>
  readonly differences: readonly Difference[]
}

type Shape = Pick<StreamConfig, 'name' | 'subjects'> & Partial<StreamConfig>

/** All streams are asked for at once, and a busy disk makes them one after the other. */
const SET_UP_MS = 60_000

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Dead letters are kept for 7 days, and what they carry for a little longer. */
const BODY_AGE = 8 * DAY

/** An id takes about half a kilobyte of the server's memory and of its disk. */
const MAX_IDS = 1_000_000

/** Settings without which the ports would break their promises; a stream that differs in one of them is not used. */
const VITAL: ReadonlySet<string> = new Set(['subjects', 'retention', 'discard', 'allow_direct', 'allow_rollup_hdrs', 'republish'])

/** Names of the streams and buckets that more than one file needs. */
export const STREAMS = {
  events: 'SIGNALBOX_EVENTS',
  work: 'AGENT_WORK',
  workIds: 'SIGNALBOX_WORK_IDS',
  answers: 'AGENT_RESPONSES',
  answerIds: 'SIGNALBOX_RESPONSE_IDS',
  deliberations: 'DELIBERATIONS',
} as const
export const BUCKETS = {
  state: 'signalbox-state',
  servers: 'signalbox-servers',
  blobs: 'signalbox-blobs',
  bodies: 'signalbox-bodies',
} as const

/** What the server repeats of each stored message, for whoever waits for one; never stored itself. */
export const APPENDED_SUBJECTS = 'signalbox.appended.>'
export const STATE_CHANGED_SUBJECTS = 'signalbox.state-changed.>'
/** Ids of messages that were accepted, kept by the server when they are long done. */
export const ID_SUBJECTS = { work: 'signalbox.ids.work', answers: 'signalbox.ids.answers' } as const

/** How long a work item waits at most, and its id is remembered. */
export const WORK_AGE_MS = 2 * HOUR
/** The same for an answer. */
export const answerAgeMs = (longestTimeoutMs: number): number => Math.max(HOUR, 2 * longestTimeoutMs)

/** True if both queues were made just now, so that nothing was ever forgotten of them. */
export function queuesAreNew(created: ReadonlySet<string>, names: Names): boolean {
  return [STREAMS.work, STREAMS.workIds, STREAMS.answers, STREAMS.answerIds].every((name) => created.has(names.stream(name)))
}

/** Makes the streams that are missing and compares the others. Rejects if one of those cannot serve, or a durable subject has none. */
export async function ensureStreams(link: Link, names: Names, options: StreamOptions): Promise<StreamsFound> {
  const shapes = streamShapes(names, options)
  // First the streams of ids: their queues repeat into them. One by one: a server asked for many at once may fail to make the store of one.
  const isOfIds = ({ name }: Shape) => [STREAMS.workIds, STREAMS.answerIds].some((ids) => name === names.stream(ids))
  const found: StreamFound[] = []
  for (const shape of shapes.toSorted((a, b) => Number(isOfIds(b)) - Number(isOfIds(a))))
    found.push(await ensureStream(link, shape))
  const created = new Set(found.filter((one) => one.isNew).map((one) => one.name))
  const differences = found.flatMap((one) => one.differences)
  const vital = differences.filter(({ setting }) => VITAL.has(setting))
  if (vital.length > 0)
    throw new Error(
      `${link.where} has streams that Signalbox cannot use: ${vital.map(inWords).join('; ')}. Change them, remove them, or use a prefix.`,
    )
  await verifyCoverage(link, names)
  return { created, differences }
}

interface StreamFound {
  readonly name: string
  readonly isNew: boolean
  readonly differences: readonly Difference[]
}

async function ensureStream(link: Link, shape: Shape): Promise<StreamFound> {
  const { name } = shape
  const actual = await link.steadily(
    `show the stream ${name}`,
    async () => {
      try {
        return (await link.manage((jsm) => jsm.streams.info(name))).config
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    SET_UP_MS,
  )
  if (actual) return { name, isNew: false, differences: compare(name, shape, actual) }
  await create(link, shape)
  return { name, isNew: true, differences: [] }
}

/** The settings in which `actual` differs from `expected`; those that `expected` leaves out do not matter. */
export function compare(name: string, expected: object, actual: object): readonly Difference[] {
  const have = new Map(Object.entries(actual))
  return Object.entries(expected)
    .filter(([setting, value]) => JSON.stringify(sorted(value)) !== JSON.stringify(sorted(have.get(setting))))
    .map(([setting, value]) => ({ name, setting, expected: value as unknown, actual: have.get(setting) as unknown }))
}

async function create(link: Link, shape: Shape): Promise<void> {
  try {
    await link.steadily(`make the stream ${shape.name}`, () => link.manage((jsm) => jsm.streams.add({ ...shape })), SET_UP_MS)
  } catch (cause) {
    throw new Error(`${link.where} refused to make the stream ${shape.name}: ${reasonOf(cause)}.`, { cause })
  }
}

async function verifyCoverage(link: Link, names: Names): Promise<void> {
  await Promise.all(
    DURABLE_SUBJECTS.map(names.subject).map(async (subject) => {
      try {
        await link.steadily(`find the stream of ${subject}`, () => link.manage((jsm) => jsm.streams.find(subject)), SET_UP_MS)
      } catch (cause) {
        throw new Error(`No stream of ${link.where} keeps ${subject}, so what is sent there would be lost.`, { cause })
      }
    }),
  )
}

function inWords({ name, setting, expected, actual }: Difference): string {
  return `${name} has ${setting} ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? [...(value as unknown[])].sort() : (value ?? null)
}

function streamShapes(names: Names, options: StreamOptions): readonly Shape[] {
  const answerAge = answerAgeMs(options.longestTimeoutMs)
  const stream = (name: string, subjects: readonly string[], rest: Partial<StreamConfig>): Shape => ({
    name: names.stream(name),
    subjects: subjects.map(names.subject),
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    ...rest,
  })
  const history = (name: string, subjects: string, days: number, messages: number) =>
    stream(name, [subjects], { max_age: nanos(days * DAY), max_msgs: messages, discard: DiscardPolicy.Old, allow_direct: true })
  const queue = (name: string, subjects: readonly string[], ids: string, ageMs: number, messages: number) =>
    stream(name, subjects, {
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      max_msgs: messages,
      max_age: nanos(ageMs),
      duplicate_window: nanos(ageMs),
      republish: { src: '>', dest: names.subject(`${ids}.>`), headers_only: true },
    })
  const idsOf = (name: string, ids: string, ageMs: number) =>
    stream(name, [`${ids}.>`], {
      max_age: nanos(ageMs),
      duplicate_window: nanos(ageMs),
      max_msgs: MAX_IDS,
      discard: DiscardPolicy.Old,
    })

  return [
    stream(STREAMS.events, [`${EVENT_ROOT}.>`], {
      max_age: 0,
      max_msgs: -1,
      allow_direct: true,
      allow_rollup_hdrs: true,
      republish: { src: '>', dest: names.subject(APPENDED_SUBJECTS), headers_only: true },
    }),
    idsOf(STREAMS.workIds, ID_SUBJECTS.work, WORK_AGE_MS),
    queue(STREAMS.work, ['agent.work.>'], ID_SUBJECTS.work, WORK_AGE_MS, options.workMessages),
    idsOf(STREAMS.answerIds, ID_SUBJECTS.answers, answerAge),
    queue(STREAMS.answers, Object.values(ANSWER_SUBJECTS), ID_SUBJECTS.answers, answerAge, options.answerMessages),
    stream('AGENT_COMMANDS', ['agent.cmd.>'], { max_age: nanos(HOUR), max_msgs: 10_000, discard: DiscardPolicy.New }),
    // The end of a run is told once: for as long as the first notice is kept, a second one is a duplicate.
    { ...history(STREAMS.deliberations, 'deliberation.>', 7, 100_000), duplicate_window: nanos(7 * DAY) },
    history('ORCHESTRATOR_EVENTS', 'orchestration.>', 7, 50_000),
    history('PLANNING_EVENTS', 'planning.>', 30, 1_000_000),
    history('CONTEXT', 'context.>', 7, 100_000),
    history('WORKFLOW_EVENTS', 'workflow.>', 7, 100_000),
    history('TASK_DERIVATION', 'task.derivation.>', 7, 100_000),
    keyValueShape(names, BUCKETS.state, {
      republish: { src: '>', dest: names.subject(STATE_CHANGED_SUBJECTS), headers_only: true },
    }),
    keyValueShape(names, BUCKETS.servers, {}),
    objectShape(names, BUCKETS.blobs, 0),
    objectShape(names, BUCKETS.bodies, BODY_AGE),
  ].map((shape) => ({ ...shape, num_replicas: options.replicas }))
}

/** The stream that JetStream's key-value buckets are made of. */
function keyValueShape(names: Names, bucket: string, rest: Partial<StreamConfig>): Shape {
  const name = names.bucket(bucket)
  return {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    allow_direct: true,
    allow_rollup_hdrs: true,
    ...rest,
  }
}

/** The stream that JetStream's object buckets are made of. */
function objectShape(names: Names, bucket: string, ageMs: number): Shape {
  const name = names.bucket(bucket)
  return {
    name: `OBJ_${name}`,
    subjects: [`$O.${name}.C.>`, `$O.${name}.M.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_age: nanos(ageMs),
    allow_direct: true,
    allow_rollup_hdrs: true,
  }
}
