import * as z from 'zod'
import type { BlobReference } from '../../messages/blob.ts'
import type { Blobs } from '../../ports/blobs.ts'
import type { Clock } from '../../ports/clock.ts'
import { CorruptionError } from '../../ports/errors.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { bytesFrom } from './stored-bytes.ts'

/** Blobs by the run that needs them: two runs may need the same bytes, and each blob goes with the last run that does. */
export interface RunBlobs {
  /** Stores bytes for a run. What a crash leaves on the way still belongs to the run, and goes with it. */
  put(taskId: string, bytes: Uint8Array): Promise<BlobReference>
  /** True if the blob was stored for this run. */
  has(taskId: string, sha256: string): Promise<boolean>
  /** Bytes that only this run needs. */
  weigh(taskId: string): Promise<number>
  /** Removes what only this run needed. Safe to repeat. */
  drop(taskId: string): Promise<void>
  /** The runs that something is stored for, and when the last of it was. */
  owners(): Promise<ReadonlyMap<string, number>>
}

/*
 * Two small entries a blob, both written before it is stored, so that nothing is ever stored unowned:
 *   blob.run.RUN.SHA256   what a run owns: found when the run goes
 *   blob.owner.SHA256.RUN who owns a blob: looked at before it is removed
 */
const OF_RUNS = 'blob.run.'
const ofRun = (taskId: string): string => `${OF_RUNS}${taskId}.`
const ofBlob = (sha256: string): string => `blob.owner.${sha256}.`
const stored = z.object({ at: z.int(), size: z.int().default(0) })

/** Owned blobs over the blob store and small state. */
export function createRunBlobs({ blobs, state, clock }: { blobs: Blobs; state: SmallState; clock: Clock }): RunBlobs {
  const isOwned = async (sha256: string): Promise<boolean> => (await state.list(ofBlob(sha256))).length > 0

  async function removeUnowned(sha256: string): Promise<void> {
    if (await isOwned(sha256)) return
    const content = await contentOf(blobs, sha256)
    await blobs.remove(sha256)
    // Another run may have stored the same bytes between the look and the removal; its copy must not go with this one.
    if (content && (await isOwned(sha256))) await blobs.put(content)
  }

  return {
    async put(taskId, bytes) {
      const sha256 = await digest(bytes)
      const owned = { at: clock.now(), size: bytes.length }
      await state.put(ofRun(taskId) + sha256, owned, 'any')
      await state.put(ofBlob(sha256) + taskId, owned, 'any')
      return await blobs.put(bytes)
    },
    has: async (taskId, sha256) => (await state.get(ofRun(taskId) + sha256)) !== undefined,
    async weigh(taskId) {
      let bytes = 0
      for (const { key, value } of await state.list(ofRun(taskId))) {
        const owners = await state.list(ofBlob(key.slice(ofRun(taskId).length)))
        if (owners.every((owner) => owner.key.endsWith(`.${taskId}`))) bytes += stored.parse(value).size
      }
      return bytes
    },
    async drop(taskId) {
      for (const { key } of await state.list(ofRun(taskId))) {
        const sha256 = key.slice(ofRun(taskId).length)
        await state.remove(ofBlob(sha256) + taskId)
        await removeUnowned(sha256)
        await state.remove(key)
      }
    },
    async owners() {
      const owners = new Map<string, number>()
      for (const { key, value } of await state.list(OF_RUNS)) {
        const taskId = key.slice(OF_RUNS.length, key.lastIndexOf('.'))
        owners.set(taskId, Math.max(owners.get(taskId) ?? 0, stored.parse(value).at))
      }
      return owners
    },
  }
}

async function digest(bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What is about to be removed; undefined where it is gone or damaged already. */
async function contentOf(blobs: Blobs, sha256: string): Promise<Uint8Array | undefined> {
  try {
    return await bytesFrom(blobs, sha256)
  } catch (fault) {
    if (fault instanceof CorruptionError) return undefined
    throw fault
  }
}
