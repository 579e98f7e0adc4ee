import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../ports/clock.ts'
import type { CatalogueEntry, ModelSource } from '../../messages/catalogue.ts'
import { createProgress } from './download-progress.ts'
import { sha256OfFile } from './file-digest.ts'
import { discardPart } from './http-download.ts'
import { freeDiskBytes } from './model-files.ts'
import { fetchFrom, sourceBytes, sourceName } from './model-sources.ts'
import type { DownloadEnd, ModelState } from './model-state.ts'

/** Left free on the disk after a download. */
const DISK_RESERVE_BYTES = 256 * 1024 * 1024

export interface ModelDownloads {
  /** Starts or joins the download of a model that is not there. */
  start(entry: CatalogueEntry): Promise<DownloadEnd>
  /** False if nothing was downloading. What has arrived stays for the next try. */
  cancel(id: string): boolean
  isUnderWay(id: string): boolean
  stop(): Promise<void>
}

export interface ModelDownloadsOptions {
  readonly directory: string
  readonly ownFolders: readonly string[]
  readonly clock: Clock
  readonly report: (id: string, state: ModelState) => void
}

/** Downloads of catalogue models: the sources of each are tried in order until one gives the bytes with the right digest. */
export function createModelDownloads({ directory, ownFolders, clock, report }: ModelDownloadsOptions): ModelDownloads {
  const running = new Map<string, { cancel: AbortController; done: Promise<DownloadEnd> }>()

  async function bring(entry: CatalogueEntry, source: ModelSource, signal: AbortSignal): Promise<void> {
    const file = join(directory, entry.file_name)
    const partFile = `${file}.part`
    const downloading = (doneBytes: number, bytesPerSecond: number | null) =>
      report(entry.id, {
        kind: 'downloading',
        source: sourceName(source),
        doneBytes,
        totalBytes: sourceBytes(source, entry),
        bytesPerSecond,
      })
    downloading(0, null)
    const onProgress = createProgress(
      () => clock.now(),
      (progress) => downloading(progress.doneBytes, progress.bytesPerSecond),
    )
    await fetchFrom({ entry, source, partFile, ownFolders, signal, onProgress })
    report(entry.id, { kind: 'verifying' })
    const digest = await sha256OfFile(partFile, signal)
    if (digest !== entry.sha256) {
      await discardPart(partFile)
      throw new Error(`its digest is ${digest} where ${entry.sha256} is expected; the file was thrown away`)
    }
    await rename(partFile, file)
    await discardPart(partFile)
  }

  async function tryAll(entry: CatalogueEntry, signal: AbortSignal): Promise<DownloadEnd> {
    await mkdir(directory, { recursive: true })
    const needed = entry.size_bytes + DISK_RESERVE_BYTES
    const free = await freeDiskBytes(directory)
    if (free < needed)
      return { kind: 'failed', reasons: [{ source: 'disk', reason: `needs ${needed} bytes free in ${directory}, has ${free}` }] }
    const reasons: { source: string; reason: string }[] = []
    for (const source of entry.sources) {
      if (source.kind === 'file' && ownFolders.length === 0) continue
      try {
        await bring(entry, source, signal)
        return { kind: 'ready' }
      } catch (cause) {
        if (signal.aborted) return { kind: 'absent' }
        reasons.push({ source: sourceName(source), reason: cause instanceof Error ? cause.message : String(cause) })
      }
    }
    return { kind: 'failed', reasons }
  }

  return {
    start(entry) {
      const under = running.get(entry.id)
      if (under) return under.done
      const cancel = new AbortController()
      const done = tryAll(entry, cancel.signal)
        .catch((cause: unknown): DownloadEnd => ({ kind: 'failed', reasons: [{ source: 'disk', reason: String(cause) }] }))
        .then((end) => {
          running.delete(entry.id)
          report(entry.id, end)
          return end
        })
      running.set(entry.id, { cancel, done })
      return done
    },
    cancel(id) {
      const under = running.get(id)
      under?.cancel.abort(new Error('The download was cancelled.'))
      return under !== undefined
    },
    isUnderWay: (id) => running.has(id),
    async stop() {
      for (const { cancel } of running.values()) cancel.abort(new Error('The console was closed.'))
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}
