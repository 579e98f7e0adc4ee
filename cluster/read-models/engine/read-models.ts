import type { Clock } from '../../ports/clock.ts'
import type { EventLog } from '../../ports/event-log.ts'
import { startModel } from './model-runner.ts'
import { openModelStore } from './model-store.ts'
import type { ModelChange, ModelFault, ModelHandle, ReadModel } from './read-model.ts'

export interface ReadModels {
  /** Serves the last known picture at once and catches up with the log behind it. Once for each model. */
  start<Queries>(model: ReadModel<Queries>): ModelHandle<Queries>
  /** Resolves after `signal` aborted, when the file is closed. */
  readonly stopped: Promise<void>
}

/**
 * Opens `file` for read models of `log`: a file of their own, because they are disposable. They share neither the log's commits nor
 * its syncs to disk, and removing the file rebuilds them. Each model goes at its own pace, in short slices on this thread.
 * Throws CorruptionError if the file is damaged.
 */
export function openReadModels(options: {
  readonly file: string
  readonly log: EventLog
  readonly clock: Clock
  /** After each commit to tables that serve. */
  readonly onChanged: (change: ModelChange) => void
  /** When a model stops or has to wait. */
  readonly onFault: (fault: ModelFault) => void
  readonly signal: AbortSignal
}): ReadModels {
  const { file, signal } = options
  const store = openModelStore(file)
  const running: Promise<void>[] = []

  const stopped = new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', resolve, { once: true })
  })
    .then(() => Promise.all(running))
    .then(() => store.close())

  return {
    start: (model) => {
      const { stopped: ended, ...handle } = startModel({ ...options, store, model })
      running.push(ended)
      return handle
    },
    stopped,
  }
}
