import { role, type Role } from '../../messages/roles.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { listed, withOwn, type Listed } from './with-own.ts'

const PREFIX = 'role.'

/** Shipped roles with the operator's changes over them, then the roles the operator added. */
export async function readRoles(state: SmallState, shipped: readonly Role[]): Promise<readonly Role[]> {
  return withOwn(
    shipped,
    (await state.list(PREFIX)).map((entry) => role.parse(entry.value)),
  )
}

export async function writeRole(state: SmallState, value: Role): Promise<void> {
  await state.put(PREFIX + value.name, value, 'any')
}

export interface Roles {
  list(): Promise<Listed<Role>[]>
  write(value: Role): Promise<void>
  /** A shipped role goes back to what was shipped, an added one is gone. False if there was nothing to undo. */
  reset(name: string): Promise<boolean>
}

export function createRoles(state: SmallState, shipped: readonly Role[]): Roles {
  return {
    list: async () => listed(shipped, await readRoles(state, shipped)),
    write: (value) => writeRole(state, value),
    reset: (name) => state.remove(PREFIX + name),
  }
}
