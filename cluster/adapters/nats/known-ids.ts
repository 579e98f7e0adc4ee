import * as z from 'zod'
import { isWrongLastId, actualSequence } from './failures.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'
import { readLast } from './stored-messages.ts'
import { BUCKETS } from './streams.ts'

/** Which ids a queue has accepted before, also those that are done. */
export interface KnownIds {
  /** Whether the queue accepted `id` although a publish of it may no longer be recognised as a duplicate. */
  isForgotten(id: string): Promise<boolean>
  /** Whether `id` was accepted from the publish that carried `mark`. */
  isFrom(id: string, mark: string): Promise<boolean>
}

/** A mark of its own for every publish. */
export const MARK_HEADER = 'Signalbox-Publish'

const firstSeen = z.object({ since: z.number() })

/** An id that no message has: `=` never stands alone in an encoded one. */
const NO_ID = '='

/**
 * A server recognises duplicates by a memory that it rebuilds from stored messages when it starts; ids of work that is done are lost
 * then, because a work queue deletes what is acknowledged. So each queue repeats its accepted messages, without their bodies, into a
 * stream of ids that keeps them for as long as the queue promises to remember. That stream is asked (before a publish) only while the
 * server that we talk to may have forgotten something: it has not run for that long, and the queue is older than it.
 */
export function createKnownIds(options: {
  readonly link: Link
  readonly names: Names
  /** The stream of ids, and the root of its subjects. */
  readonly stream: string
  readonly ids: string
  readonly rememberMs: number
  /** The server that runs since before the queue was made; undefined if the queue was there already. */
  readonly freshOn: string | undefined
}): KnownIds {
  const { link, names, stream, ids, rememberMs, freshOn } = options
  const bucket = names.bucket(BUCKETS.servers)
  let seen: { readonly server: string; readonly since: number } | undefined

  /** When a server was first met by anyone; that is no earlier than its start. */
  async function sinceOf(server: string): Promise<number> {
    const subject = `$KV.${bucket}.${server}`
    const since = server === freshOn ? 0 : Date.now()
    try {
      await link.publish(subject, JSON.stringify({ since }), { expected: 0 })
      return since
    } catch (error) {
      if (actualSequence(error) === undefined) throw error
      const stored = await readLast(link, `KV_${bucket}`, subject)
      return stored ? firstSeen.parse(JSON.parse(new TextDecoder().decode(stored.data))).since : since
    }
  }

  async function remembersAll(): Promise<boolean> {
    const info = link.connection.info
    // Each server of a cluster has a memory of its own.
    if (!info || info.cluster !== undefined) return false
    if (seen?.server !== info.server_id) seen = { server: info.server_id, since: await sinceOf(info.server_id) }
    return Date.now() - seen.since >= rememberMs
  }

  /**
   * Where the stream of ids has `id`; undefined if it does not. Asked by publishing what is refused either way: as a duplicate if the
   * id is known, else for the id that it expects before it. Nothing is stored.
   */
  async function find(id: string): Promise<number | undefined> {
    try {
      return (await link.publish(names.subject(`${ids}.probe`), '', { id, afterId: NO_ID })).sequence
    } catch (error) {
      if (isWrongLastId(error)) return undefined
      throw error
    }
  }

  return {
    isForgotten: async (id) => !(await remembersAll()) && (await find(id)) !== undefined,
    isFrom: async (id, mark) => {
      const seq = await find(id)
      return (
        seq !== undefined &&
        (await link.manage((jsm) => jsm.streams.getMessage(stream, { seq }))).header.get(MARK_HEADER) === mark
      )
    },
  }
}
