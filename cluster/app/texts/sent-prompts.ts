import { blobReference } from '../../messages/blob.ts'
import { sentPrompt, type SentPrompt } from '../../messages/sent-prompt.ts'
import type { Blobs } from '../../ports/blobs.ts'
import { CorruptionError } from '../../ports/errors.ts'
import type { SmallState, StateEntry } from '../../ports/small-state.ts'
import { bytesFrom } from './stored-bytes.ts'

/**
 * Calls as they were sent, by the id of their work. They are kept because they cannot be made again: how much of a long text was cut is
 * up to the tokenizer of an engine that may be gone.
 */
export interface SentPrompts {
  /** What was kept under this id, else what `compose` makes, kept from then on: a call that is published twice is the same twice. */
  keep(id: string, compose: () => Promise<SentPrompt>): Promise<SentPrompt>
  /** Undefined for a call that was not sent. Rejects with a CorruptionError where the blob store has it no longer. */
  read(id: string): Promise<SentPrompt | undefined>
  /** Removes those of a run. Safe to repeat. */
  drop(taskId: string): Promise<void>
}

const PREFIX = 'prompt.'

/** Prompts in the blob store, with their references in small state. Each names its run, so no two are the same blob. */
export function createSentPrompts({ blobs, state }: { blobs: Blobs; state: SmallState }): SentPrompts {
  const stored = async ({ value }: StateEntry): Promise<SentPrompt> => {
    const bytes = await bytesFrom(blobs, blobReference.parse(value).sha256)
    return sentPrompt.parse(JSON.parse(new TextDecoder().decode(bytes)))
  }
  async function read(id: string): Promise<SentPrompt | undefined> {
    const entry = await state.get(PREFIX + id)
    return entry && (await stored(entry))
  }
  return {
    read,
    async keep(id, compose) {
      const entry = await state.get(PREFIX + id)
      const kept = entry && (await stored(entry).catch(unlessLost))
      if (kept) return kept
      const sent = await compose()
      const reference = await blobs.put(new TextEncoder().encode(JSON.stringify(sent)))
      const put = await state.put(PREFIX + id, reference, entry?.revision ?? 0)
      return put.kind === 'stored' ? sent : ((await read(id)) ?? sent)
    },
    async drop(taskId) {
      for (const { key, value } of await state.list(`${PREFIX}${taskId}.`)) {
        await blobs.remove(blobReference.parse(value).sha256)
        await state.remove(key)
      }
    },
  }
}

/** A run goes on although a prompt of it was lost. */
function unlessLost(fault: unknown): undefined {
  if (!(fault instanceof CorruptionError)) throw fault
}
