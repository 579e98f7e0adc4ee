import type { Client, Contract } from '../contract/define.ts'

/** Asks a host by method name: over one channel (`Session`), or over one that is opened again when lost (`Connection`). */
export interface Requests {
  call(method: string, input: unknown, signal?: AbortSignal): Promise<unknown>
  stream(method: string, input: unknown, signal?: AbortSignal): AsyncIterable<unknown>
}

/** An object with one function per method of the contract. The host checks both ways, so nothing is parsed again here. */
export function connect<C extends Contract>(contract: C, requests: Requests): Client<C> {
  const features = Object.entries(contract).map(([feature, methods]) => {
    const functions = Object.entries(methods).map(([name, { kind }]) => [
      name,
      (input: unknown, signal?: AbortSignal) => requests[kind](`${feature}.${name}`, input, signal),
    ])
    return [feature, Object.fromEntries(functions)] as const
  })
  // The one place where names become types: the object was just built from the contract's own entries.
  return Object.fromEntries(features) as Client<C>
}
