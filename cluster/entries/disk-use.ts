import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SqliteContext } from '../adapters/sqlite/context.ts'
import type { Blobs } from '../ports/blobs.ts'
import type { EmbeddedModels } from './embedded-models.ts'

export interface DiskUse {
  readonly data_dir: string
  readonly log_bytes: number
  /** Part of it that holds nothing and is given back when no write waits. */
  readonly log_free_bytes: number
  readonly read_models_bytes: number
  readonly blobs_bytes: number
  readonly batches_bytes: number
  readonly models_bytes: number
  readonly free_bytes: number
}

/** What the data directory, the models and the rest of their disk hold now. A file store that is away counts as empty. */
export async function diskUse({
  dataDir,
  readModels,
  log,
  models,
  batchFiles,
}: {
  readonly dataDir: string
  readonly readModels: string
  readonly log: Pick<SqliteContext, 'blobs' | 'freeBytes'>
  readonly models: Pick<EmbeddedModels, 'diskUsage'>
  readonly batchFiles: Pick<Blobs, 'usage'>
}): Promise<DiskUse> {
  const { modelsBytes, freeBytes } = await models.diskUsage()
  const files = await batchFiles.usage().catch(() => ({ bytes: 0 }))
  return {
    data_dir: dataDir,
    log_bytes: await sizeOf(join(dataDir, 'local.db')),
    log_free_bytes: await log.freeBytes(),
    read_models_bytes: await sizeOf(readModels),
    blobs_bytes: (await log.blobs.usage()).bytes,
    batches_bytes: (await sizeOf(join(dataDir, 'batches.db'))) + files.bytes,
    models_bytes: modelsBytes,
    free_bytes: freeBytes,
  }
}

/** Size of a SQLite file with what has not been folded into it yet. */
async function sizeOf(file: string): Promise<number> {
  const sizes = await Promise.all([file, `${file}-wal`].map(async (name) => (await stat(name).catch(() => undefined))?.size ?? 0))
  return sizes.reduce((sum, size) => sum + size, 0)
}
