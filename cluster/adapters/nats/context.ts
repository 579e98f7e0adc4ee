import type { Answers } from '../../ports/answers.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { EndNotices } from '../../ports/end-notices.ts'
import { MAX_ENTRY_BYTES } from '../../ports/event-log.ts'
import type { EventLog } from '../../ports/event-log.ts'
import type { LiveChannel } from '../../ports/live-channel.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { WorkQueue } from '../../ports/work-queue.ts'
import { createBodies } from './bodies.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createNatsEndNotices } from './end-notices.ts'
import { createNatsEventLog } from './event-log.ts'
import { HEADER_BYTES, openLink } from './link.ts'
import type { Link, LinkOptions, LinkStatus } from './link.ts'
import { createNatsLiveChannel } from './live-channel.ts'
import { createNames } from './names.ts'
import { createBucketBlobs } from './object-bucket.ts'
import { openAnswers, openWorkQueue } from './queues.ts'
import { createService } from './service.ts'
import type { Service } from './service.ts'
import { createNatsSmallState } from './small-state.ts'
import { BUCKETS, ensureStreams, queuesAreNew } from './streams.ts'
import type { Difference, StreamOptions } from './streams.ts'

export type NatsContextOptions = Pick<LinkOptions, 'servers' | 'token' | 'nkeySeed' | 'onProblem'> &
  Partial<Pick<LinkOptions, 'patienceMs' | 'firstPatienceMs' | 'reconnectWaitMs'> & StreamOptions> & {
    /** Keeps several contexts apart on one server: letters, digits, hyphens. */
    readonly prefix?: string
    /** How long a message stays with a process that died. */
    readonly ackWaitMs?: number
  }

/** All ports of one context over one NATS server or cluster. */
export interface NatsContext {
  readonly log: EventLog
  readonly work: WorkQueue
  readonly answers: Answers
  readonly state: SmallState
  readonly blobs: Blobs
  readonly live: LiveChannel
  readonly service: Service
  readonly endNotices: EndNotices
  /** What is set up on the server otherwise than we would have. It is used as it is. */
  readonly differences: readonly Difference[]
  status(): LinkStatus
  /** Whatever waits or calls afterwards is rejected with UnavailableError. */
  close(): Promise<void>
}

const HOUR_MS = 3_600_000
const defaults = {
  patienceMs: 10_000,
  reconnectWaitMs: 250,
  ackWaitMs: 10_000,
  replicas: 1,
  workMessages: 50_000,
  answerMessages: 100_000,
  longestTimeoutMs: HOUR_MS,
}
/** The oldest server with batched reads (2.11). */
const OLDEST_SERVER = [2, 11]

/** Connects, makes the streams that are missing and checks the others. Rejects with UnavailableError if no server lets us in. */
export async function openNatsContext(given: NatsContextOptions): Promise<NatsContext> {
  const options = { ...defaults, firstPatienceMs: given.patienceMs ?? defaults.patienceMs, ...given }
  const names = createNames(options.prefix)
  const link = await openLink(options)
  try {
    requireServer(link)
    const server = link.connection.info?.server_id
    const { created, differences } = await ensureStreams(link, names, options)
    const parts = {
      link,
      names,
      bodies: createBodies(createBucketBlobs(link, names.bucket(BUCKETS.bodies))),
      letters: createDeadLetters(link, names),
      ackWaitMs: options.ackWaitMs,
      longestTimeoutMs: options.longestTimeoutMs,
      freshOn: queuesAreNew(created, names) ? server : undefined,
    }
    const work = await openWorkQueue(parts)
    const answers = await openAnswers(parts)
    return {
      log: createNatsEventLog(link, names),
      work: work.queue,
      answers: answers.queue,
      state: createNatsSmallState(link, names),
      blobs: createBucketBlobs(link, names.bucket(BUCKETS.blobs)),
      live: createNatsLiveChannel(link, names),
      service: createService(link, names),
      endNotices: createNatsEndNotices(link, names, parts.bodies),
      differences: [...differences, ...work.differences, ...answers.differences, ...payloadDifference(link)],
      status: link.status,
      close: async () => {
        work.close()
        answers.close()
        await link.close()
      },
    }
  } catch (error) {
    await link.close()
    throw error
  }
}

function requireServer(link: Link): void {
  const version = link.connection.info?.version ?? ''
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_SERVER
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor))
    throw new Error(`${link.where} is version ${version}; Signalbox needs ${OLDEST_SERVER.join('.')} or newer.`)
}

/** A server's default is a little less than what one entry of the log may take. */
function payloadDifference(link: Link): readonly Difference[] {
  const expected = MAX_ENTRY_BYTES + HEADER_BYTES
  const actual = link.connection.info?.max_payload ?? expected
  return actual < expected ? [{ name: 'server', setting: 'max_payload', expected, actual }] : []
}
