import type { Call, Contract, Handlers, Stream } from '../../src-preload/contract/define.ts'
import { ConsoleError } from '../../src-preload/contract/errors.ts'

type AnyHandler = (input: unknown, signal: AbortSignal) => unknown

/** Handlers that refuse what changes anything while `isReadOnly`; all else, and what is under way, goes on. */
export function refuseWhileReadOnly<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
  isReadOnly: () => Promise<boolean>,
): Handlers<C> {
  const guarded = (shape: Call | Stream | undefined, handler: AnyHandler): AnyHandler => {
    if (shape?.kind !== 'call' || shape.changes === undefined) return handler
    return async (input, signal) => {
      if (shape.changes?.(input) === true && (await isReadOnly()))
        throw new ConsoleError('forbidden', 'Read-only mode is on: nothing was changed.')
      return await handler(input, signal)
    }
  }
  const features = Object.entries(handlers as Record<string, Record<string, AnyHandler>>).map(([feature, methods]) => [
    feature,
    Object.fromEntries(Object.entries(methods).map(([name, handler]) => [name, guarded(contract[feature]?.[name], handler)])),
  ])
  return Object.fromEntries(features) as Handlers<C>
}
