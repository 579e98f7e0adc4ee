import { randomUUID } from 'node:crypto'
import { nameOfTokens, subjectTokens } from '../../messages/subjects.ts'
import type { PutResult, SmallState, StateChange, StateEntry } from '../../ports/small-state.ts'
import { valueText } from '../local/value-text.ts'
import { actualSequence } from './failures.ts'
import type { Link } from './link.ts'
import type { Names } from './names.ts'
import { readAll, readLast, readPage } from './stored-messages.ts'
import type { StoredMessage } from './stored-messages.ts'
import { BUCKETS, STATE_CHANGED_SUBJECTS } from './streams.ts'
import { createWordOfChanges } from './word-of-changes.ts'

const PAGE_CHANGES = 256

/**
 * Small state in a JetStream key-value bucket, laid out as its tools expect. Watching reads the bucket's stream from where it was, so
 * that no change is missed through cuts and restarts.
 */
export function createNatsSmallState(link: Link, names: Names): SmallState {
  const bucket = names.bucket(BUCKETS.state)
  const wordOfChanges = createWordOfChanges(link, names.subject(STATE_CHANGED_SUBJECTS))
  const stream = `KV_${bucket}`
  const root = `$KV.${bucket}.`
  const decoder = new TextDecoder()
  /** A watch that was called before a put sees it: puts wait until the watch knows where it starts. */
  let starting: Promise<unknown> = Promise.resolve()

  const subjectOf = (key: string) => root + subjectTokens(key)
  const keyOf = ({ subject }: StoredMessage) => nameOfTokens(subject.slice(root.length))
  const isRemoval = ({ headers }: StoredMessage) => headers.get('KV-Operation') !== ''
  const entryOf = (stored: StoredMessage): StateEntry => ({
    key: keyOf(stored),
    value: JSON.parse(decoder.decode(stored.data)) as unknown,
    revision: stored.sequence,
  })
  const last = (key: string) => readLast(link, stream, subjectOf(key))

  async function get(key: string): Promise<StateEntry | undefined> {
    const stored = await link.steadily(`read ${key}`, () => last(key))
    return stored && !isRemoval(stored) ? entryOf(stored) : undefined
  }

  /** Writes the key if its last message is number `expected`. A repeated attempt recognises what an earlier one wrote. */
  async function write(key: string, body: string, expected: number | 'any', operation?: 'DEL'): Promise<PutResult> {
    link.requireFitting(`The value for ${key}`, Buffer.byteLength(body))
    const id = randomUUID()
    const options = { id, ...(operation && { headers: { 'KV-Operation': operation } }) }
    await starting
    return link.steadily(`write ${key}`, async (attempt) => {
      const publish = async (last: number | 'any'): Promise<PutResult> => {
        const { sequence } = await link.publish(subjectOf(key), body, { ...options, ...(last !== 'any' && { expected: last }) })
        return { kind: 'stored', revision: sequence }
      }
      try {
        return await publish(expected)
      } catch (error) {
        if (actualSequence(error) === undefined) throw error
        const stored = await last(key)
        if (attempt > 1 && stored?.headers.get('Nats-Msg-Id') === id) return { kind: 'stored', revision: stored.sequence }
        if (!stored) return { kind: 'conflict', actual: 0 }
        if (!isRemoval(stored)) return { kind: 'conflict', actual: stored.sequence }
        return expected === 0 ? publish(stored.sequence) : { kind: 'conflict', actual: 0 }
      }
    })
  }

  async function* changesAfter(
    start: Promise<number | undefined>,
    prefix: string,
    signal: AbortSignal,
  ): AsyncIterable<StateChange> {
    const changed = wordOfChanges()
    const isOver = () => signal.aborted
    let position = (await start) ?? 0
    while (!isOver()) {
      const seen = changed.count
      const page = await link.persistently(() => readPage(link, stream, filterOf(root, prefix), position, PAGE_CHANGES), signal)
      for (const stored of page?.messages ?? []) {
        if (isOver()) return
        position = stored.sequence
        if (!keyOf(stored).startsWith(prefix)) continue
        yield isRemoval(stored) ? { kind: 'removed', key: keyOf(stored) } : { kind: 'put', entry: entryOf(stored) }
      }
      if (page?.isLast) await changed.wait(seen, signal)
    }
  }

  return {
    get,
    list: async (prefix) => {
      const stored = await link.steadily('list small state', () => readAll(link, stream, filterOf(root, prefix)))
      return stored
        .filter((message) => !isRemoval(message) && keyOf(message).startsWith(prefix))
        .map(entryOf)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
    },
    put: async (key, value, expected) => write(key, valueText(key, value), expected),
    remove: async (key) => {
      for (;;) {
        const entry = await get(key)
        if (!entry) return false
        if ((await write(key, '', entry.revision, 'DEL')).kind === 'stored') return true
      }
    },
    watch: (prefix, signal) => {
      const start = link.persistently(async () => (await link.manage((jsm) => jsm.streams.info(stream))).state.last_seq, signal)
      starting = Promise.all([starting, start.catch(() => undefined)])
      return changesAfter(start, prefix, signal)
    },
  }
}

/** The subjects of the keys that start with the whole parts of `prefix`. */
function filterOf(root: string, prefix: string): string {
  const whole = prefix.slice(0, prefix.lastIndexOf('.') + 1)
  return whole === '' ? `${root}>` : `${root}${subjectTokens(whole.slice(0, -1))}.>`
}
