import { kubeContexts } from '../adapters/kubernetes/kubeconfig.ts'
import { createManifestServer } from '../adapters/kubernetes/manifest-server.ts'
import { DRY_RUN_SERVER_SETTING, dryRunServer, type DryRunServer, type KubeContext } from '../messages/dry-run-server.ts'
import type { ManifestServer } from '../ports/manifest-server.ts'
import type { SmallState } from '../ports/small-state.ts'

/** What came of trying a server out: its version, and what it would not judge there. */
export interface TriedServer {
  readonly version: string
  readonly remark: string | null
}

/** The Kubernetes server for dry runs, as the settings say it; a change holds from the next check on. */
export interface DryRunServerChoice {
  read(): Promise<DryRunServer>
  /** Null where none is connected. */
  readonly connected: () => Promise<ManifestServer | null>
  /** The contexts of a kubeconfig, null: the standard one. Rejects with UnavailableError where it cannot be read. */
  contexts(kubeconfig: string | null): Promise<readonly KubeContext[]>
  /** Tries the server with a manifest of its own, then keeps the choice. Rejects with UnavailableError, with nothing kept, where it cannot be used. */
  save(server: DryRunServer): Promise<TriedServer | null>
}

/** `kubeconfigs`: the standard files; none: ~/.kube/config. */
export function createDryRunServerChoice(state: SmallState, kubeconfigs: readonly string[]): DryRunServerChoice {
  const read = async () => dryRunServer.parse((await state.get(DRY_RUN_SERVER_SETTING))?.value ?? { kind: 'none' })
  const serverOf = (chosen: DryRunServer) => (chosen.kind === 'none' ? null : createManifestServer({ ...chosen, kubeconfigs }))
  return {
    read,
    connected: async () => serverOf(await read()),
    contexts: (kubeconfig) => kubeContexts(kubeconfig, kubeconfigs),
    async save(chosen) {
      const server = serverOf(chosen)
      const tried = server && (await tryOut(server))
      await state.put(DRY_RUN_SERVER_SETTING, chosen, 'any')
      return tried
    },
  }
}

const TRIAL = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  value: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'signalbox-trial' } },
}

async function tryOut(server: ManifestServer): Promise<TriedServer> {
  const { version, verdicts } = await server.dryRun([TRIAL])
  const [verdict] = verdicts
  return { version, remark: verdict?.skipped ?? verdict?.problems[0]?.message ?? null }
}
