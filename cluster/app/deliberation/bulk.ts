import * as z from 'zod'
import { reasonAgainst } from '../../domain/deliberation/index.ts'
import { blobReference } from '../../messages/blob.ts'
import { bulkOperation, type BulkAction, type BulkOperation, type BulkPreview } from '../../messages/bulk.ts'
import type { ListedStatus } from '../../messages/deliberation-query.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SmallState } from '../../ports/small-state.ts'
import type { ControlPlane } from '../control-plane.ts'

/** What decides whether an action applies to a run. */
export interface BulkCandidate {
  readonly task_id: string
  readonly status: ListedStatus
  readonly archived: boolean
}

export interface Bulk {
  /** What the action would do to these runs. */
  preview(action: BulkAction, runs: readonly BulkCandidate[]): BulkPreview
  /** Fixes the runs it applies to and begins. A repeated id gets the first operation. */
  start(id: string, actor: string, action: BulkAction, runs: readonly BulkCandidate[]): Promise<BulkOperation>
  /** What was done stays. False if it is not running. */
  stop(id: string): Promise<boolean>
  /** The newest first. */
  list(): Promise<readonly BulkOperation[]>
  /** Ends the work in hand; operations go on when a plane is there again. */
  close(): Promise<void>
}

export interface BulkPorts {
  readonly state: SmallState
  readonly blobs: Blobs
  readonly clock: Clock
  readonly commands: Pick<ControlPlane, 'cancel' | 'setArchived' | 'expire'>
  readonly onFault: (fault: unknown) => void
}

/** Keys of small state under which operations are kept. */
const BULK_PREFIX = 'bulk.'
const KEPT = 20
/** Runs acted on at once: their events share a write to disk. */
const AT_ONCE = 8
const NOTE_EVERY_MS = 500
const FAILURES_SHOWN = 20
const EXAMPLES_SHOWN = 3

/** An operation with what is needed to go on with it. The ids are a blob: there may be more than small state holds. */
const stored = z.object({ operation: bulkOperation, actor: z.string(), ids: blobReference, next: z.int().nonnegative() })
type Stored = z.infer<typeof stored>

/** Actions on many runs as operations that can be watched and stopped. Takes up those that an earlier process left unfinished. */
export async function createBulk(ports: BulkPorts): Promise<Bulk> {
  const { state, blobs, clock, commands, onFault } = ports
  const running = new Map<string, { stop: AbortController; ended: Promise<void> }>()
  const closing = new AbortController()

  const keep = (entry: Stored) => state.put(BULK_PREFIX + entry.operation.id, entry, 'any')
  const readAll = async () => (await state.list(BULK_PREFIX)).map(({ value }) => stored.parse(value))

  async function act(action: BulkAction, taskId: string, actor: string) {
    switch (action) {
      case 'cancel':
        return await commands.cancel(taskId, actor)
      case 'archive':
        return await commands.setArchived(taskId, actor, true)
      case 'restore':
        return await commands.setArchived(taskId, actor, false)
      case 'delete':
        return await commands.expire(taskId, actor)
    }
  }

  /** Adds how the action on one run came out. */
  async function attempt(operation: BulkOperation, taskId: string, actor: string): Promise<BulkOperation> {
    const failed = (message: string): BulkOperation => ({
      ...operation,
      failed: operation.failed + 1,
      failures: [...operation.failures, { task_id: taskId, message }].slice(0, FAILURES_SHOWN),
    })
    try {
      const result = await act(operation.action, taskId, actor)
      if (result.kind !== 'refused') return { ...operation, done: operation.done + 1 }
      const tooLate = result.code === 'conflict' || result.code === 'expired' || result.code === 'not-found'
      return tooLate ? { ...operation, skipped: operation.skipped + 1 } : failed(result.message)
    } catch (fault) {
      return failed(fault instanceof Error ? fault.message : String(fault))
    }
  }

  async function work(first: Stored, stop: AbortSignal): Promise<void> {
    const content = await blobs.get(first.ids.sha256)
    if (!content) throw new Error(`The list of runs of operation ${first.operation.id} is gone.`)
    // Equal blobs are one: the operation's own id in front keeps its list apart from others with the same runs.
    const ids = (await textOf(content)).split('\n').slice(1)
    let entry = first
    let notedAt = clock.now()
    while (entry.next < ids.length && !stop.aborted && !closing.signal.aborted) {
      const batch = ids.slice(entry.next, entry.next + AT_ONCE)
      let { operation } = entry
      const blank = { ...operation, done: 0, failed: 0, skipped: 0, failures: [] }
      for (const one of await Promise.all(batch.map((taskId) => attempt(blank, taskId, entry.actor))))
        operation = sum(operation, one)
      entry = { ...entry, operation, next: entry.next + batch.length }
      if (clock.now() - notedAt < NOTE_EVERY_MS) continue
      notedAt = clock.now()
      await keep(entry)
    }
    if (closing.signal.aborted && entry.next < ids.length && !stop.aborted) {
      await keep(entry)
      return
    }
    const ending = entry.next < ids.length ? 'stopped' : 'done'
    await keep({ ...entry, operation: { ...entry.operation, state: ending, ended_at: clock.now() } })
    await blobs.remove(first.ids.sha256)
  }

  function begin(entry: Stored): void {
    const { id } = entry.operation
    const stop = new AbortController()
    const ended = work(entry, stop.signal)
      .catch(onFault)
      .finally(() => running.delete(id))
    running.set(id, { stop, ended })
  }

  async function forgetOld(): Promise<void> {
    const ended = (await readAll()).filter(({ operation }) => operation.state !== 'running')
    const old = ended.toSorted((a, b) => b.operation.started_at - a.operation.started_at).slice(KEPT)
    for (const { operation } of old) await state.remove(BULK_PREFIX + operation.id)
  }

  for (const entry of await readAll())
    if (entry.operation.state === 'running') begin({ ...entry, operation: { ...entry.operation, resumed: true } })

  return {
    preview(action, runs) {
      const by_status = { PENDING: 0, IN_PROGRESS: 0, COMPLETED: 0, FAILED: 0, TIMEOUT: 0, CANCELLED: 0 }
      const leftOut = new Map<string, string[]>()
      for (const run of runs) {
        const reason = against(action, run)
        if (reason !== null) leftOut.set(reason, [...(leftOut.get(reason) ?? []), run.task_id])
        else by_status[run.status] += 1
      }
      return {
        runs: Object.values(by_status).reduce((total, count) => total + count, 0),
        by_status,
        left_out: [...leftOut].map(([reason, ids]) => ({ reason, runs: ids.length, examples: ids.slice(0, EXAMPLES_SHOWN) })),
      }
    },

    async start(id, actor, action, runs) {
      const ids = runs.filter((run) => against(action, run) === null).map((run) => run.task_id)
      const operation: BulkOperation = {
        id,
        action,
        state: 'running',
        total: ids.length,
        done: 0,
        failed: 0,
        skipped: 0,
        failures: [],
        started_at: clock.now(),
        ended_at: null,
        resumed: false,
      }
      const entry: Stored = { operation, actor, ids: await blobs.put(new TextEncoder().encode([id, ...ids].join('\n'))), next: 0 }
      const claimed = await state.put(BULK_PREFIX + id, entry, 0)
      if (claimed.kind === 'conflict') return stored.parse((await state.get(BULK_PREFIX + id))?.value).operation
      await forgetOld()
      begin(entry)
      return operation
    },

    async stop(id) {
      const found = running.get(id)
      found?.stop.abort()
      await found?.ended
      return found !== undefined
    },

    list: async () => (await readAll()).map(({ operation }) => operation).toSorted((a, b) => b.started_at - a.started_at),

    async close() {
      closing.abort()
      await Promise.all([...running.values()].map(({ ended }) => ended))
    },
  }
}

function against(action: BulkAction, { status, archived }: BulkCandidate): string | null {
  return reasonAgainst(action, { inMotion: status === 'PENDING' || status === 'IN_PROGRESS', archived })
}

function sum(operation: BulkOperation, one: BulkOperation): BulkOperation {
  return {
    ...operation,
    done: operation.done + one.done,
    failed: operation.failed + one.failed,
    skipped: operation.skipped + one.skipped,
    failures: [...operation.failures, ...one.failures].slice(0, FAILURES_SHOWN),
  }
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of content) text += decoder.decode(part, { stream: true })
  return text + decoder.decode()
}
