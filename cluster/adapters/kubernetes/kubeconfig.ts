import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import type { KubeContext } from '../../messages/dry-run-server.ts'
import { UnavailableError } from '../../ports/errors.ts'

/**
 * Reads a kubeconfig as kubectl does. `file` null: those of `standard`, by default ~/.kube/config, together. Entries that are not whole
 * are passed over. Rejects with UnavailableError where there is none or it cannot be read.
 */
export async function readKubeconfig(file: string | null, standard: readonly string[]): Promise<KubeConfig> {
  const wanted = file === null ? standardFiles(standard) : [file.replace(/^~(?=\/)/, homedir())]
  const files = wanted.filter(isFile)
  if (files.length === 0)
    throw new UnavailableError(
      file === null
        ? `There is no kubeconfig at ${wanted.join(' or ')}: set KUBECONFIG or name the file.`
        : `The kubeconfig ${file} does not exist or is no file.`,
    )
  // The library knows every type of the Kubernetes API: whoever is not connected does not pay for it.
  const { KubeConfig } = await import('@kubernetes/client-node')
  const [first, ...others] = files.map((each) => {
    const config = new KubeConfig()
    try {
      config.loadFromFile(each, { onInvalidEntry: 'filter' })
    } catch (cause) {
      throw new UnavailableError(`The kubeconfig ${each} cannot be read: ${firstLine(cause)}.`, { cause })
    }
    return config
  })
  if (!first) throw new Error('a kubeconfig was found, so there is a first one')
  // The first file to name a thing wins, as with kubectl.
  for (const other of others) {
    for (const each of other.getClusters()) if (!first.getCluster(each.name)) first.addCluster(each)
    for (const each of other.getUsers()) if (!first.getUser(each.name)) first.addUser(each)
    for (const each of other.getContexts()) if (!first.getContextObject(each.name)) first.addContext(each)
    if (!first.getCurrentContext()) first.setCurrentContext(other.getCurrentContext())
  }
  return first
}

/** The contexts of a kubeconfig, in its order. Rejects as `readKubeconfig` does. */
export async function kubeContexts(file: string | null, standard: readonly string[]): Promise<readonly KubeContext[]> {
  const config = await readKubeconfig(file, standard)
  return config.getContexts().map(({ name, cluster, namespace }) => ({
    name,
    server: config.getCluster(cluster)?.server ?? null,
    namespace: namespace ?? null,
    current: name === config.getCurrentContext(),
  }))
}

function standardFiles(named: readonly string[]): readonly string[] {
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')]
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function firstLine(fault: unknown): string {
  return (fault instanceof Error ? fault.message : String(fault)).split('\n')[0] ?? ''
}
