import { role, type Role } from '../../messages/roles.ts'
import type { SmallState } from '../../ports/small-state.ts'
import { withOwn } from './with-own.ts'

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

/** A shipped role goes back to what was shipped, an added one is gone. False if there was nothing to undo. */
export async function resetRole(state: SmallState, name: string): Promise<boolean> {
  return await state.remove(PREFIX + name)
}
