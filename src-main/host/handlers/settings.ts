import type { EmbeddedPlane } from '../../../cluster/entries/embedded.ts'
import { UnavailableError } from '../../../cluster/ports/errors.ts'
import type { Handlers } from '../../../src-preload/contract/define.ts'
import { ConsoleError } from '../../../src-preload/contract/errors.ts'
import type { consoleContract } from '../../../src-preload/contract/index.ts'
import { preferences, type Preferences } from '../../../src-preload/contract/settings.ts'
import { changes, type Subscribe } from '../feeds/changes.ts'
import type { HostGateway } from '../gateway.ts'

const KEY = 'console.preferences'
const INTERVAL_MS = 100

export function settingsHandlers(
  plane: EmbeddedPlane,
  gateway: HostGateway,
  diagnostics: () => Promise<{ file_name: string; text: string }>,
): Handlers<typeof consoleContract>['settings'] {
  const stateChanged =
    (prefix: string): Subscribe =>
    (onChanged) =>
      plane.stateChanged((key) => key.startsWith(prefix) && onChanged([key]))

  const roles = async () => ({ roles: await plane.roles.list() })

  return {
    watchPreferences: async function* (_, signal) {
      const changed = changes(stateChanged(KEY), INTERVAL_MS, signal)
      yield await readPreferences(plane)
      for await (const _key of changed) yield await readPreferences(plane)
    },

    savePreferences: async (wanted) => {
      const merged = preferences.parse({ ...(await readPreferences(plane)), ...withoutUndefined(wanted) })
      await plane.state.put(KEY, merged, 'any')
      return merged
    },

    watchRoles: async function* (_, signal) {
      const changed = changes(stateChanged('role.'), INTERVAL_MS, signal)
      yield await roles()
      for await (const _key of changed) yield await roles()
    },

    saveRole: async ({ role }) => {
      await plane.roles.write(role)
      return {}
    },

    resetRole: async ({ name }) => {
      if (!(await plane.roles.reset(name))) throw new ConsoleError('not-found', `The role ${name} is as it was shipped.`)
      return {}
    },

    disk: async () => await plane.disk(),

    checkStorage: async () => {
      const startedAt = performance.now()
      const problems = [...(await plane.storage.check())]
      return { problems, bytes: (await plane.disk()).log_bytes, took_ms: Math.round(performance.now() - startedAt) }
    },

    acknowledgeDamage: async ({ id }) => {
      await plane.storage.acknowledge(id)
      return {}
    },

    retentionDue: async () => {
      const { runs, batches } = plane.retention.due((await readPreferences(plane)).history_days)
      return { runs: runs.length, batches: batches.length }
    },
    applyRetention: async (_, signal) => await plane.retention.apply((await readPreferences(plane)).history_days, signal),

    fileStore: () => plane.fileStore.read(),
    saveFileStore: async ({ store, keys }) => {
      await plane.fileStore.save(store, keys).catch(refused)
      return {}
    },

    dryRunServer: () => plane.dryRunServer.read(),
    kubeContexts: async ({ kubeconfig }) => ({
      contexts: [...(await plane.dryRunServer.contexts(kubeconfig).catch(refused))],
    }),
    saveDryRunServer: async ({ server }) => ({ tried: await plane.dryRunServer.save(server).catch(refused) }),

    watchGateway: async function* (_, signal) {
      const changed = changes((onChanged) => gateway.onChanged(() => onChanged(['gateway'])), INTERVAL_MS, signal)
      yield gateway.view()
      for await (const _key of changed) yield gateway.view()
    },

    saveGateway: async (wanted) => {
      await gateway.save(wanted)
      return gateway.view()
    },

    gatewayToken: async () => ({ token: await gateway.token() }),

    diagnostics,
  }
}

/** What cannot be reached is told as such, with its reason. */
function refused(fault: unknown): never {
  if (fault instanceof UnavailableError) throw new ConsoleError('unavailable', fault.message)
  throw fault
}

/** What the operator chose, with defaults for the rest. */
export async function readPreferences(plane: EmbeddedPlane): Promise<Preferences> {
  return preferences.parse((await plane.state.get(KEY))?.value ?? {})
}

function withoutUndefined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
