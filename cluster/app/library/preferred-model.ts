import type { Role } from '../../messages/roles.ts'
import type { ServedModel } from '../../ports/engines.ts'

/** What an agent gets that names no model: its role's, else the first that is served. `lost`: the role's is not served now. */
export type PreferredModel =
  | { readonly kind: 'served'; readonly model: ServedModel }
  | { readonly kind: 'lost'; readonly name: string }
  | { readonly kind: 'none' }

export function preferredModel(role: Pick<Role, 'model'> | undefined, served: readonly ServedModel[]): PreferredModel {
  const name = role?.model ?? null
  const found = name === null ? served[0] : served.find(({ reference, label }) => reference.model === name || label === name)
  if (found) return { kind: 'served', model: found }
  return name === null ? { kind: 'none' } : { kind: 'lost', name }
}
