import type { Secrets } from '../../ports/secrets.ts'

/** Secrets that live as long as the process. */
export function createMemorySecrets(): Secrets {
  const stored = new Map<string, string>()
  return {
    get: (name) => Promise.resolve(stored.get(name)),
    set: (name, value) => {
      stored.set(name, value)
      return Promise.resolve()
    },
    remove: (name) => Promise.resolve(stored.delete(name)),
    has: (name) => Promise.resolve(stored.has(name)),
  }
}
