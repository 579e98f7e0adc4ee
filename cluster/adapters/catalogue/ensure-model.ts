import { createMemorySmallState } from '../memory/small-state.ts'
import { systemClock } from '../system/clock.ts'
import { readCatalogue } from './catalogue-file.ts'
import { readMachine } from './machine-fit.ts'
import { createModels, type ModelRecord } from './models.ts'
import type { ModelOnDisk } from '../engines/model-on-disk.ts'

/** Downloads the starter model into `directory` unless it is there. Throws with the reason of each source. */
export function ensureStarterModel(catalogueFile: string, directory: string): Promise<ModelOnDisk> {
  return ensureModel(catalogueFile, directory, 'starter model', (model) => model.starter)
}

/** The same for the model that turns texts into vectors. */
export function ensureEmbeddingModel(catalogueFile: string, directory: string): Promise<ModelOnDisk> {
  return ensureModel(catalogueFile, directory, 'embedding model', (model) => model.kind === 'embedding')
}

async function ensureModel(
  catalogueFile: string,
  directory: string,
  what: string,
  isWanted: (model: ModelRecord) => boolean,
): Promise<ModelOnDisk> {
  const models = createModels({
    catalogue: await readCatalogue(catalogueFile),
    directory,
    ownFolders: [],
    state: createMemorySmallState(),
    clock: systemClock,
    machine: readMachine,
    engine: { loadedModels: () => [], release: () => Promise.resolve(true), measured: () => null },
  })
  const wanted = (await models.list()).find(isWanted)
  const end = wanted && (await models.download(wanted.id))
  if (end?.kind !== 'ready') {
    const reasons = end?.kind === 'failed' ? end.reasons.map(({ source, reason }) => `${source}: ${reason}`) : []
    throw new Error(`The ${what} could not be had. ${reasons.join('; ')}`)
  }
  const found = (await models.onDisk()).find((model) => model.id === wanted?.id)
  if (!found) throw new Error(`The ${what} is not in ${directory} although its download ended well.`)
  return found
}
