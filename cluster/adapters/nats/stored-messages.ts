import { createInbox } from 'nats.ws'
import type { MsgHdrs } from 'nats.ws'
import { Interrupted } from './failures.ts'
import type { Link } from './link.ts'

/** A message as a stream keeps it. */
export interface StoredMessage {
  readonly subject: string
  readonly sequence: number
  readonly headers: MsgHdrs
  readonly data: Uint8Array
}

export interface StoredPage {
  readonly messages: readonly StoredMessage[]
  /** Nothing that matches was stored behind the last of these when they were read. */
  readonly isLast: boolean
}

const PAGE_BYTES = 8 * 1024 * 1024
const PAGE_MS = 5_000
const END_OF_BATCH = 204
const NOT_FOUND = 404
const NO_RESPONDERS = 503

/**
 * Up to `limit` messages of `stream` on `filter` after `after`, oldest first; fewer where they are large. One request that leaves
 * nothing on the server behind, unlike a consumer.
 */
export function readPage(link: Link, stream: string, filter: string, after: number, limit: number): Promise<StoredPage> {
  const request = { seq: after + 1, next_by_subj: filter, batch: limit, max_bytes: PAGE_BYTES }
  const messages: StoredMessage[] = []
  const page = new Promise<StoredPage>((resolve, reject) => {
    const replies = link.connection.subscribe(createInbox(), {
      callback: (error, { headers, data }) => {
        if (error) return end(() => reject(error))
        if (headers?.code === 0) return void messages.push(storedMessage(headers, data))
        if (headers?.code === NOT_FOUND) return end(() => resolve({ messages, isLast: true }))
        if (headers?.code === END_OF_BATCH)
          return end(() => resolve({ messages, isLast: Number(headers.get('Nats-Num-Pending')) === 0 }))
        if (headers?.code === NO_RESPONDERS) return end(() => reject(new Interrupted(`${stream} is not there yet`)))
        end(() => reject(new Error(`${link.where} refused to read ${stream}: ${headers?.code} ${headers?.description}.`)))
      },
    })
    const timer = setTimeout(() => end(() => reject(new Interrupted(`reading ${stream} took too long`))), PAGE_MS)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      replies.unsubscribe()
      settle()
    }
    link.connection.publish(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(request), { reply: replies.getSubject() })
  })
  return link.unlessCut(page)
}

/** All messages of `stream` on `filter` after `after`, oldest first. */
export async function readAll(link: Link, stream: string, filter: string, after = 0): Promise<readonly StoredMessage[]> {
  const all: StoredMessage[] = []
  for (;;) {
    const page = await readPage(link, stream, filter, all.at(-1)?.sequence ?? after, 256)
    all.push(...page.messages)
    if (page.isLast) return all
  }
}

/** The newest message on a subject; undefined if there is none. */
export async function readLast(link: Link, stream: string, subject: string): Promise<StoredMessage | undefined> {
  const { headers, data } = await link.ask(`$JS.API.DIRECT.GET.${stream}.${subject}`)
  if (!headers || headers.code === NOT_FOUND) return undefined
  return storedMessage(headers, data)
}

function storedMessage(headers: MsgHdrs, data: Uint8Array): StoredMessage {
  return { subject: headers.last('Nats-Subject'), sequence: Number(headers.last('Nats-Sequence')), headers, data }
}
