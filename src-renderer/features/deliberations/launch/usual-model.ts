import type { ModelsView } from '../../../../src-preload/contract/model.ts'
import { servedModels } from '../../../lib/use-models.ts'
import type { Role } from '../shapes.ts'
import { modelKey } from './draft.ts'

/**
 * The key of the model that agents get which chose none: their role's, else the first that is served. A role's model that is not served
 * has a key that no engine knows; null while nothing is known.
 */
export function usualModel(role: Pick<Role, 'model'> | undefined, models: ModelsView | null): string | null {
  if (models === null) return null
  const served = servedModels(models)
  const name = role?.model ?? null
  const found = name === null ? served[0] : served.find(({ reference, label }) => reference.model === name || label === name)
  if (found) return modelKey(found.reference)
  return name === null ? null : modelKey({ engine_id: '', model: name })
}

/** Whether agents that chose no model could not be called: their role's is not served. */
export function isLost(usual: string | null, models: ModelsView | null): boolean {
  return usual !== null && models !== null && !servedModels(models).some(({ reference }) => modelKey(reference) === usual)
}
