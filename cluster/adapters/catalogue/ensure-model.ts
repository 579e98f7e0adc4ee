import { createMemorySmallState } from '../memory/small-state.ts'
import { systemClock } from '../system/clock.ts'
import { readCatalogue } from './catalogue-file.ts'
import { readMachine } from './machine-fit.ts'
import { createModels } from './models.ts'
import type { ModelOnDisk } from '../engines/model-on-disk.ts'

/** Downloads the starter model into `directory` unless it is there. Throws with the reason of each source. */
export async function ensureStarterModel(catalogueFile: string, directory: string): Promise<ModelOnDisk> {
  const models = createModels({
    catalogue: await readCatalogue(catalogueFile),
    directory,
    ownFolders: [],
    state: createMemorySmallState(),
    clock: systemClock,
    machine: readMachine,
    engine: { loadedModel: () => null, release: () => Promise.resolve(true), measured: () => null },
  })
  const starter = (await models.list()).find((model) => model.starter)
  const end = starter && (await models.download(starter.id))
  if (end?.kind !== 'ready') {
    const reasons = end?.kind === 'failed' ? end.reasons.map(({ source, reason }) => `${source}: ${reason}`) : []
    throw new Error(`The starter model could not be had. ${reasons.join('; ')}`)
  }
  const found = (await models.onDisk()).find((model) => model.starter)
  if (!found) throw new Error(`The starter model is not in ${directory} although its download ended well.`)
  return found
}
